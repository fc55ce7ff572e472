//! What is on every page.

use super::super::text::{Text, texts};

texts! {
    PRODUCT: "Usage plans", "使用计划";
    PRODUCT_LONG: "Usage plans for Envoy", "Envoy 使用计划";
    CONSOLE: "Console", "控制台";
    SKIP: "Skip to content", "跳到正文";
    OVERVIEW: "Overview", "概览";
    KEYS: "Keys", "密钥";
    PLANS: "Usage plans", "使用计划";
    SERVICES: "Services", "服务";
    EXPLAIN: "Explain", "请求诊断";
    SIGN: "Sign", "签名";
    ACTIVITY: "Activity", "操作记录";
    DOCUMENT: "Document", "配置文档";
    ADMIN: "admin", "管理员";
    VIEWER: "viewer", "只读";
    SIGN_OUT: "Sign out", "退出登录";
    CLOSE: "Close", "关闭";
    COPY: "Copy", "复制";
    COPIED: "Copied", "已复制";
    SHOWN_ONCE: "Copy the SecretKey now. This page shows it once; afterwards you can only replace it.",
        "请立即复制 SecretKey。本页只显示一次，之后只能更换。";
    BACK_TO_CONSOLE: "Back to the console", "返回控制台";
    MAY_BE_DELETED: "It may have been deleted.", "可能已删除。";
    FAILED: "This page failed", "页面出错";
    FAILED_WHY: "It is our fault, not yours, and nothing was changed.", "这是我们的问题，没有任何更改。";
    IN_FORCE_AFTER: "In force on {taken} of {all} Envoys after {seconds} s.",
        "{seconds} 秒后在 {taken}/{all} 个 Envoy 上生效。";
    REFUSED_IT: "refused it:", "拒绝了该版本：";
    DID_NOT_ANSWER: "has not answered:", "没有响应：";
    NOT_PUBLISHED: "It is saved, but not published:", "已保存，但未发布：";
    NO_SUCH_PAGE: "There is no page “{name}”", "没有页面“{name}”";
    BREADCRUMB: "Breadcrumb", "位置";
    OPERATIONS: "Operations", "操作";
    OPTIONAL: "optional", "可选";
    FILTER: "Filter", "筛选";
    SEARCH: "Search", "搜索";
    DELETE_ASK: "Delete…", "删除…";
    EDIT: "Edit", "编辑";
    EDIT_OBJECT: "Edit {name}", "编辑 {name}";
    SAVE: "Save", "保存";
    SAVED: "{name} is saved.", "已保存 {name}。";
    CANCEL: "Cancel", "取消";
    KEEP_IT: "Keep it", "保留";
    PREVIOUS: "Previous", "上一页";
    NEXT: "Next", "下一页";
    NO_MATCH: "Nothing matches", "没有匹配项";
    NO_MATCH_FOR: "Nothing matches “{words}”", "没有与“{words}”匹配的项";
    DID_YOU_MEAN: "Did you mean {name}?", "是否要找 {name}？";
    ROWS_SHOWN: "{first} to {last} of {all}", "第 {first}–{last} 条，共 {all} 条";
    SECONDS: "{n} second|{n} seconds", "{n} 秒";
    MINUTES: "{n} minute|{n} minutes", "{n} 分钟";
    HOURS: "{n} hour|{n} hours", "{n} 小时";
    DAYS: "{n} day|{n} days", "{n} 天";
}
