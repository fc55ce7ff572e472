//! Keys.

use super::super::text::{Text, texts};

texts! {
    LEAD: "A key pair is what a caller signs with. It may call an environment once a plan that has the key is bound to it.",
        "调用方用密钥对签名。把密钥绑定到使用计划，再把使用计划绑定到服务环境之后，即可调用该环境。";
    NEW_KEY: "New key", "新建密钥";
    CREATE_KEY: "Create key", "提交";
    STATE: "State", "状态";
    ALL_KEYS: "All", "全部";
    ALL_KEYS_LINK: "All keys", "全部密钥";
    ENABLED: "Enabled", "使用中";
    DISABLED: "Disabled", "已停用";
    EXPIRING: "Expiring", "即将到期";
    REPLACED: "Being replaced", "更换中";
    NO_PLAN: "No plan", "未绑定";
    EXPIRES_IN: "Expires in {span}", "{span}后到期";
    EXPIRED_AGO: "Expired {span} ago", "{span}前到期";
    NOT_YET: "Not valid yet", "未生效";
    OLD_UNTIL: "old secret until {time}", "旧密钥 {time} 失效";
    VALID_FROM: "from {time}", "{time} 起生效";
    NAME: "Name", "密钥名";
    NAME_OR_ID: "Name or SecretId", "密钥名或 SecretId";
    SEARCH: "Search keys", "搜索密钥";
    PLAN: "Usage plan", "使用计划";
    ANY_PLAN: "Any plan", "全部使用计划";
    CREATED: "Created", "创建时间";
    SELECT_ALL: "Select all keys on this page", "选择本页全部密钥";
    SELECT: "Select {name}", "选择 {name}";
    WITH_SELECTED: "With the selected keys:", "对所选密钥：";
    BIND_TO_PLAN: "Bind to a plan…", "绑定到使用计划…";
    BIND_KEYS: "Bind {n} key|Bind {n} keys", "绑定 {n} 个密钥";
    BIND_KEYS_TITLE: "Bind {n} key to a plan|Bind {n} keys to a plan", "将 {n} 个密钥绑定到使用计划";
    DISABLE_ASK: "Disable…", "禁用…";
    DISABLE_KEYS: "Disable {n} key|Disable {n} keys", "禁用 {n} 个密钥";
    ARE_DISABLED: "{n} key is disabled.|{n} keys are disabled.", "已禁用 {n} 个密钥。";
    REPLACE_ASK: "Replace…", "更换…";
    FINISH_ASK: "Finish…", "结束…";
    ENABLE: "Enable", "启用";
    NO_SUCH_KEY: "There is no key “{name}”", "没有密钥“{name}”";
    NO_KEY_YET: "No key yet", "还没有密钥";
    NO_KEY_YET_TODO:
        "A key pair is what a caller signs with. Make one for each caller, so that you can stop one without the others.",
        "调用方用密钥对签名。为每个调用方各建一对，停用其一不影响其他。";
    NAME_HINT: "Up to 50 letters, digits, _ and -. For people; callers do not see it.",
        "最长 50 个字符，支持 a-z、A-Z、0-9、_ 和 -。";
    SECRET: "Secret", "密钥类型";
    AUTOMATIC: "Automatic", "自动生成";
    AUTOMATIC_HINT: "Id and secret are made here", "由系统生成";
    CUSTOM: "Custom", "自定义";
    CUSTOM_HINT: "You bring both", "自行填写";
    SECRET_ID: "SecretId", "SecretId";
    SECRET_KEY: "SecretKey", "SecretKey";
    SECRET_ID_HINT: "5 to 50 letters, digits, _ and -.", "5–50 个字符，支持 a-z、A-Z、0-9、_ 和 -。";
    SECRET_KEY_HINT: "10 to 50 letters, digits, _ and -. Use 32 or more.",
        "10–50 个字符，支持 a-z、A-Z、0-9、_ 和 -。建议 32 个以上。";
    BIND_LATER: "Bind later", "暂不绑定";
    EXPIRES: "Expires", "到期时间";
    NEVER: "Never", "永不";
    IN_90_DAYS: "In 90 days", "90 天后";
    IN_A_YEAR: "In a year", "一年后";
    REMARK: "Note", "备注";
    REMARK_HINT: "Up to 200 characters.", "最长 200 个字符。";
    NOT_BEFORE: "Valid from", "生效时间";
    NOT_AFTER: "Valid until", "到期时间";
    TIME_HINT: "A time such as 2027-01-31T00:00:00Z, or nothing.", "如 2027-01-31T00:00:00Z 的时间，或留空。";
    SHOWN_ONCE_NEXT: "An automatic secret is shown once, on the next page.", "自动生成的密钥将在下一页显示一次。";
    CREATED_KEY: "Key {name} created", "已创建密钥 {name}";
    REPLACED_KEY: "{name} has a new secret", "{name} 已有新密钥";
    IS_ENABLED: "{name} is enabled.", "已启用 {name}。";
    IS_DISABLED: "{name} is disabled.", "已禁用 {name}。";
    IS_FINISHED: "The old secret of {name} no longer works.", "{name} 的旧密钥已失效。";
    IS_DELETED: "{name} is deleted.", "已删除 {name}。";
    DISABLE_KEY: "Disable {name}?", "禁用 {name}？";
    KEEP_ENABLED: "Keep it enabled", "继续使用";
    DISABLE: "Disable {name}", "禁用 {name}";
    DISABLE_WHAT: "Its calls are refused with 401 at once. You can enable it again.",
        "其调用立即以 401 被拒绝。之后可重新启用。";
    REPLACE_KEY: "Replace the secret of {name}?", "更换 {name} 的密钥？";
    REPLACE: "Replace", "更换";
    REPLACE_WHAT: "A new SecretKey is made and shown once. The SecretId stays.",
        "将生成新的 SecretKey 并只显示一次，SecretId 不变。";
    OLD_SECRET_WORKS: "The old secret works", "旧密钥继续有效";
    A_DAY: "24 hours more", "24 小时";
    A_DAY_HINT: "callers change over without a gap", "调用方可平滑切换";
    A_WEEK: "7 days more", "7 天";
    A_MONTH: "30 days more", "30 天";
    NO_LONGER: "No longer", "立即失效";
    NO_LONGER_HINT: "it leaked; calls with it are refused at once", "密钥已泄露，使用旧密钥的调用立即被拒绝";
    FINISH_KEY: "Finish replacing {name}?", "结束更换 {name}？";
    KEEP_BOTH: "Keep both", "保留两者";
    FINISH: "Finish", "结束";
    FINISH_WHAT: "The old secret would work until {time}. Callers who still use it are refused at once.",
        "旧密钥原本在 {time} 前有效。仍使用旧密钥的调用方将立即被拒绝。";
    DELETE_KEY: "Delete {name}?", "删除 {name}？";
    DELETE: "Delete {name}", "删除 {name}";
    DELETE_WHAT: "For good: its SecretId and secret are gone.", "永久删除：SecretId 和密钥将不复存在。";
    REACHES: "It may call {environments}.", "它可以调用 {environments}。";
    REACHES_NOTHING: "It is on no usage plan, so its calls are refused.", "未绑定使用计划，其调用会被拒绝。";
    IN_DOCUMENT: "in the document", "在配置文档中";
    IN_VARIABLE: "in Envoy’s variable", "在 Envoy 的环境变量";
    IN_FILE: "in the file", "在文件";
    LIMITS: "Limits", "限制";
    MAY_CALL: "May call", "可调用";
    NOWHERE: "nowhere yet", "暂无";
}
