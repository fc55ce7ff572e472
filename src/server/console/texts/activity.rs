//! The log.

use usage_plan_core::sentence::Phrase;
use usage_plan_manage::audit::phrases::{DOCUMENT, KEY, OPTIONS, SERVICE, USAGE_PLAN};

use super::super::text::{Text, texts};

/// What objects are called, in Chinese.
pub(in crate::console) const CHINESE: &[(Phrase, &str)] = &[
    (SERVICE, "服务 {0}"),
    (KEY, "密钥 {0}"),
    (USAGE_PLAN, "使用计划 {0}"),
    (OPTIONS, "选项"),
    (DOCUMENT, "配置文档"),
];

texts! {
    LEAD: "Every change made here, by the API or the command line, with who made it.",
        "在控制台、API 或命令行所做的每次更改及其操作者。";
    NO_EDIT_YET: "No edit yet", "还没有操作记录";
    NO_EDIT_YET_TODO: "Every change made here, by the API or the command line is listed with who made it.",
        "在控制台、API 或命令行所做的每次更改都会列出操作者。";
    NO_SUCH_EDIT: "There is no edit “{name}”", "没有操作“{name}”";
    SHOW_DIFFERENCE: "Show what changed", "查看变更";
    DID_NOT_HAPPEN: "did not happen", "未发生";
    TAKEN_BACK_BY: "taken back by {id}", "已被 {id} 撤销";
    UNDO_OF: "Takes {id} back", "撤销 {id}";
    LOG_BEGINS: "The log begins with the document as it was", "日志从当时的配置文档开始";
    CHANGED_OUTSIDE: "The file was changed by somebody who does not write the log", "文件被未写日志的操作者修改";
    UNDO_ASK: "Undo…", "撤销…";
    UNDO: "Undo this edit", "撤销此操作";
    UNDO_WHAT:
        "A new edit takes this one back. What it made is gone then, and what it removed is there again.",
        "将以一次新的操作撤销此操作：它创建的内容会删除，它删除的内容会恢复。";
    UNDONE: "Taken back: {objects}.", "已撤销：{objects}。";
    CHANGED_AGAIN: "What it changed was changed again. Undo the later edits first, the last one first.",
        "其更改的内容之后又被修改。请从最近的操作开始依次撤销。";
    SECRET_IS_GONE: "The log has no secrets, and the one that {key} had is no longer in the document.",
        "日志不含密钥，{key} 原来的密钥已不在配置文档中。";
    LATER_EDITS_NEED_IT: "Later edits need what it made:", "之后的操作依赖其创建的内容：";
    NO_LOG_KEY: "The log’s key is not there, so secrets cannot be compared.", "缺少日志密钥，无法比较密钥。";
    NOTHING_TO_UNDO: "There is nothing to take back.", "没有可撤销的内容。";
}
