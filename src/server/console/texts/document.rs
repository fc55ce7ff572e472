//! The document as a whole.

use super::super::text::{Text, texts};

texts! {
    LEAD: "All services, keys and usage plans as one JSON document. A word in brackets stands for each secret.",
        "全部服务、密钥和使用计划组成的 JSON 配置文档。括号中的文字代替密钥。";
    DOWNLOAD: "Download with secrets", "下载（含密钥）";
    TEXT: "Document", "配置文档";
    TEXT_HINT:
        "Edit it here, or paste another one. A bracketed word keeps the secret that it stands for. Nothing counts before you have seen what differs.",
        "可在此编辑，或粘贴另一份。括号中的文字表示保留原密钥。确认差异之前不会生效。";
    UPLOAD: "Upload", "上传";
    FILE: "File", "文件";
    FILE_HINT: "A document with its secrets, such as Download makes, of at most 1 MiB. Nothing counts before you have seen what differs.",
        "含密钥的配置文档（如下载所得），最大 1 MiB。确认差异之前不会生效。";
    COMPARE_FILE: "Compare the file", "比较文件";
    NO_FILE: "Choose a file first.", "请先选择文件。";
    NOT_TEXT: "This file is no text in UTF-8.", "该文件不是 UTF-8 文本。";
    COMPARE: "Compare", "比较";
    LINE: "line {n}", "第 {n} 行";
    NOTHING_DIFFERS: "Nothing differs from the document.", "与当前配置文档没有差异。";
    REPLACE_QUESTION: "Replace the document?", "替换配置文档？";
    REPLACE_WHAT: "This is what changes; a secret is shown as a number. Activity can take it back.",
        "以下是将要更改的内容，密钥以编号显示。可在操作记录中撤销。";
    REPLACE: "Replace the document", "替换配置文档";
    REPLACED: "The document is replaced.", "已替换配置文档。";
    OVERTAKEN: "The document was changed meanwhile. Nothing was replaced.", "配置文档已被他人修改，未替换。";
    OVERTAKEN_TODO: "Compare again with the document as it is now.", "请与当前配置文档重新比较。";
}
