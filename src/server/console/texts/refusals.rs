//! Why something is refused, and what to do.

use super::super::text::{Text, texts};

texts! {
    VIEWER: "You can look, not change.", "您只有查看权限。";
    VIEWER_TODO: "You are signed in as a viewer. An admin can do this.", "您以只读身份登录，管理员可执行此操作。";
    NOTHING_CHANGED: "Nothing was changed.", "没有任何更改。";
    RULES_BROKEN: "The document would break these rules:", "配置文档会违反以下规则：";
    GONE: "There is no {name} any longer. Somebody may have deleted it; look at the list again.",
        "{name} 已不存在，可能已被他人删除，请重新查看列表。";
    ENVIRONMENT_OF: "{environment} of {service}", "{service} 的 {environment}";
    NO_ENVIRONMENT: "{service} has no environment {environment}. Add it to the service first.",
        "{service} 没有环境 {environment}，请先在服务中添加。";
    NOT_BOUND: "{bound} is not bound to {plan}. Somebody may have unbound it; look at the plan again.",
        "{bound} 未绑定到 {plan}，可能已被他人解绑，请重新查看该计划。";
    CANNOT_BE_DELETED: "{name} cannot be deleted yet. First:", "{name} 暂不能删除。请先：";
    DISABLE_FIRST: "disable it", "禁用";
    UNBIND_FIRST: "unbind {bound} from {plan}", "将 {bound} 从 {plan} 解绑";
    COUNTED_TOGETHER:
        "{plan} counts its keys together, so one of them cannot be reset alone. Reset every key, or let the plan count each key.",
        "{plan} 对所有密钥合并计数，不能单独重置其中一个。请重置所有密钥，或将计划改为按密钥计数。";
    NO_QUOTA: "{plan} has no such quota that could be reset. Choose another one, or give the plan a quota.",
        "{plan} 没有可重置的此类额度。请选择其他额度，或为该计划设置额度。";
    OVERLAP_TOO_LONG: "The old secret would work too long. Choose a shorter time.", "旧密钥的有效期过长，请选择更短的时间。";
    KEY_DISABLED: "{key} is disabled. A disabled key cannot be bound or replaced. Enable it first.",
        "{key} 已停用。已停用的密钥不能绑定或更换，请先启用。";
    OPEN_KEY: "Open {key}", "打开 {key}";
    FINISH_KEY: "Finish the replacement of {key}…", "结束 {key} 的更换…";
    STILL_REPLACED:
        "An earlier replacement of {key} is still running. The old secret works until {until}. Finish that first.",
        "{key} 上一次更换尚未结束。旧密钥在 {until} 前仍有效，请先结束更换。";
    NOT_REPLACED: "{key} is not being replaced, so there is nothing to finish.", "{key} 没有在更换，无需结束。";
    SECRET_ELSEWHERE:
        "The secret of {key} is in a variable or a file of Envoy, so it has to be replaced there.",
        "{key} 的密钥保存在 Envoy 的环境变量或文件中，请在那里更换。";
    SAME_SECRET: "The new secret of {key} is the one that it has.", "{key} 的新密钥与现有密钥相同。";
    SECRET_ID_TAKEN: "The SecretId {name} is taken. Choose another.", "SecretId {name} 已被使用，请更换。";
    KEY_TAKEN: "Another key has the name {name}. Choose another.", "已有密钥使用名称 {name}，请更换。";
    PLAN_TAKEN: "Another usage plan has the name {name}. Choose another.", "已有使用计划使用名称 {name}，请更换。";
    SERVICE_TAKEN: "Another service has the name {name}. Choose another.", "已有服务使用名称 {name}，请更换。";
    CHANGED_MEANWHILE: "Someone changed {name} while you edited it.", "您编辑时 {name} 已被他人修改。";
    CHANGED_MEANWHILE_TODO: "Your values are kept below; compare, then save again.", "您填写的内容已保留，请比较后再次提交。";
    NAME_MISSING: "Write a name.", "请填写名称。";
    RULE_NAME: "Up to 50 letters, digits and _; names of keys and services may also have -. No spaces.",
        "最长 50 个字符，支持 a-z、A-Z、0-9 和 _；密钥和服务的名称还可用 -。不能含空格。";
    RULE_SECRET_ID: "5 to 50 letters, digits, _ and -.", "5–50 个字符，支持 a-z、A-Z、0-9、_ 和 -。";
    RULE_SECRET_KEY: "10 to 50 letters, digits, _ and -.", "10–50 个字符，支持 a-z、A-Z、0-9、_ 和 -。";
    RULE_REMARK: "Up to 200 characters.", "最长 200 个字符。";
    RULE_TIME: "Write a time such as 2027-01-31T00:00:00Z, the first before the second.",
        "请填写如 2027-01-31T00:00:00Z 的时间，且先后顺序正确。";
    RULE_LIMIT: "Write 1 or more, or leave it empty for no limit.", "请填写 1 或更大的数；留空表示不限。";
    RULE_BURST: "A burst is 1 or more, needs a limit per second, and is not smaller than 1.",
        "突发量须为 1 或更大的数，且需要设置每秒限制。";
    RULE_QUOTAS: "A quota is 1 or more requests in a period, once for each period.",
        "额度须为 1 或更大的数，每个周期只能设置一次。";
    RULE_WARN_AT: "Percents from 1 to 100, each once, such as 80 95.", "1 到 100 的百分比，每个只能出现一次，例如 80 95。";
    RULE_ENGINE_DOWN: "A percentage from 1 to 100.", "1 到 100 的百分比。";
    RULE_APIS: "A path in each line, and limits such as 10/s or 1000/day; at most 16 lines.",
        "每行一个路径和限制，例如 10/s 或 1000/day；最多 16 行。";
    RULE_DEFAULT: "One of the environments of the service.", "须为该服务的环境之一。";
    RULE_DOMAINS: "At least one: a host name, an address, *.suffix or *, without a port.",
        "至少一个：域名、地址、*.后缀 或 *，不含端口。";
    RULE_ENVIRONMENTS:
        "At least one: a lower-case letter and up to 49 of a-z 0-9 _ -. One that is bound or mapped has to stay.",
        "至少一个：小写字母开头，最长 50 个字符，支持 a-z、0-9、_ 和 -。已绑定或已映射的环境不能删除。";
    RULE_MAPPINGS: "A path and an environment of the service in each line, such as /v1 release.",
        "每行一个路径和该服务的一个环境，例如 /v1 release。";
    RULE_HEADERS: "Names of headers in lower case, such as host.", "小写的请求头名称，例如 host。";
}
