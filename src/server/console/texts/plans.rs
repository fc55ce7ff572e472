//! Usage plans.

use super::super::text::{Text, texts};

/// The names of the periods, the shortest first.
pub(in crate::console) const PERIODS: [Text; 7] =
    [PER_MINUTE, PER_HOUR, PER_DAY, PER_WEEK, PER_MONTH, PER_YEAR, PER_TOTAL];

texts! {
    LEAD: "A usage plan says how many requests its keys may send. Its keys may call the environments that are bound to it.",
        "使用计划规定其密钥可调用的次数。绑定到计划的密钥可以调用绑定到计划的服务环境。";
    NEW_PLAN: "New usage plan", "新建使用计划";
    CREATE_PLAN: "Create usage plan", "提交";
    CREATED_PLAN: "Usage plan {name} created. Bind keys and environments to it.",
        "已创建使用计划 {name}，请绑定密钥和服务环境。";
    NO_PLAN_YET: "No usage plan yet", "还没有使用计划";
    NO_PLAN_YET_TODO:
        "A usage plan says how many requests a second, a day or a month its keys may send. Make it, then bind keys and environments to it.",
        "使用计划规定密钥每秒、每天或每月可调用的次数。先创建，再绑定密钥和服务环境。";
    NO_SUCH_PLAN: "There is no usage plan “{name}”", "没有使用计划“{name}”";
    NO_PLAN: "no plan", "未绑定";
    NAME: "Name", "名称";
    NAME_HINT: "Up to 50 letters, digits and _.", "最长 50 个字符，支持 a-z、A-Z、0-9 和 _。";
    NAME_OR_ID: "Name or id", "名称或 ID";
    SEARCH: "Search usage plans", "搜索使用计划";
    STATE: "State", "状态";
    CREATED: "Created", "创建时间";
    LIMITS: "Limits", "限制";
    LIMIT: "Limit", "限制";
    OF_REQUESTS: "Of", "适用于";
    ALL_REQUESTS: "all requests", "全部请求";
    NO_LIMIT: "no limit", "不限";
    A_SECOND: "{n} a second", "每秒 {n} 次";
    A_MINUTE: "{n} a minute", "每分钟 {n} 次";
    AN_HOUR: "{n} an hour", "每小时 {n} 次";
    A_DAY: "{n} a day", "每天 {n} 次";
    A_WEEK: "{n} a week", "每周 {n} 次";
    A_MONTH: "{n} a month", "每月 {n} 次";
    A_YEAR: "{n} a year", "每年 {n} 次";
    IN_TOTAL: "{n} in total", "总计 {n} 次";
    PER_MINUTE: "a minute", "每分钟";
    PER_HOUR: "an hour", "每小时";
    PER_DAY: "a day", "每天";
    PER_WEEK: "a week", "每周";
    PER_MONTH: "a month", "每月";
    PER_YEAR: "a year", "每年";
    PER_TOTAL: "in total", "总计";
    APIS: "{n} API with its own limits|{n} APIs with their own limits", "{n} 个单独限制的 API";
    BURST_OF: "burst of {n}", "突发 {n} 次";
    ENVIRONMENT: "Environment", "服务环境";
    ENVIRONMENTS: "Environments", "服务环境";
    OBSERVES: "observes only", "仅观察";
    PER_SECOND: "Requests a second", "每秒请求数";
    EMPTY_IS_NO_LIMIT: "Empty: no limit.", "留空表示不限。";
    BURST: "Burst", "突发量";
    BURST_HINT: "Makes it a token bucket of this size.", "以此大小的令牌桶限流。";
    QUOTAS: "Quotas", "额度";
    QUOTA_MAX: "Requests of quota", "次数，额度";
    QUOTA_PERIOD: "Period of quota", "周期，额度";
    QUOTA_OFFSET: "Offset from UTC of quota", "UTC 偏移，额度";
    QUOTAS_HINT:
        "How many requests, in which period of the calendar, and how far its clock is ahead of UTC. Rows without a number are left out.",
        "次数、日历周期，以及与 UTC 的时差。没有次数的行会被忽略。";
    WARNS_AT: "Warns at", "预警阈值";
    WARN_AT_HINT: "Percents of a quota, such as 80 95.", "额度的百分比，例如 80 95。";
    COUNTED: "Counted", "计数方式";
    COUNTED_HINT: "Without either, the plan counts all its requests together.", "都不勾选时，整个计划合并计数。";
    FOR_EACH_KEY: "for each key", "按密钥";
    FOR_EACH_ENVIRONMENT: "for each environment", "按服务环境";
    COUNTED_ONCE: "once for the whole plan", "整个计划合并";
    COUNTED_PER_KEY: "for each key", "按密钥";
    COUNTED_PER_ENVIRONMENT: "for each environment", "按服务环境";
    COUNTED_PER_BOTH: "for each key and environment", "按密钥和服务环境";
    OVER_A_LIMIT: "Over a limit", "超过限制时";
    REFUSED_WITH_429: "refused with 429", "以 429 拒绝";
    LET_THROUGH: "let through, and counted", "放行并计数";
    LET_THROUGH_HINT: "observes only", "仅观察";
    ENGINE_DOWN: "While the engine of the fleet cannot be asked", "计数引擎不可用时";
    ENGINE_DOWN_HINT:
        "The percentage is how much of a quota each Envoy lets through. Without a fleet nothing of this has an effect.",
        "百分比为每个 Envoy 可额外放行的额度。未启用集群计数时均无效。";
    DOWN_RATE: "Limits a second", "每秒限制";
    DOWN_QUOTA: "Quotas", "额度";
    DOWN_GRACE_PERCENT: "Percent of a quota", "额度百分比";
    DOWN_AS_OPTIONS: "as for all plans", "与全局设置相同";
    DOWN_LOCAL_SHARE: "each Envoy its share of the rate", "每个 Envoy 按份额限流";
    DOWN_GRACE: "a part of the quota more", "额外放行部分额度";
    DOWN_DENY: "refuse with 503", "以 503 拒绝";
    DOWN_ALLOW: "let through", "放行";
    API_LIMITS: "Tighter limits on some requests", "部分请求的更严限制";
    API_LIMITS_HINT:
        "One in each line, such as GET,POST /orders/* 10/s 1000/day@+08:00. The first that fits applies.",
        "每行一条，例如 GET,POST /orders/* 10/s 1000/day@+08:00。采用第一条匹配的限制。";
    REGION: "Region", "地域";
    REGION_HINT: "A word for people.", "仅供查看。";
    REMARK: "Note", "备注";
    REMARK_HINT: "For people.", "仅供查看。";
    KEYS: "{n} key|{n} keys", "{n} 个密钥";
    ENVIRONMENTS_COUNT: "{n} environment|{n} environments", "{n} 个服务环境";
    MORE_KEYS: "{n} more key|{n} more keys", "另有 {n} 个密钥";
    SELECT_ALL: "Select all keys", "选择全部密钥";
    BIND_KEYS: "Bind keys", "绑定密钥";
    BIND_KEYS_TO: "Bind keys to {name}", "将密钥绑定到 {name}";
    BIND_ENVIRONMENTS: "Bind environments", "绑定服务环境";
    BIND_ENVIRONMENTS_TO: "Bind environments to {name}", "将服务环境绑定到 {name}";
    BOUND_TO: "{what} bound to {plan}.", "已将 {what} 绑定到 {plan}。";
    UNBOUND_FROM: "{what} unbound from {plan}.", "已将 {what} 从 {plan} 解绑。";
    UNBIND_ASK: "Unbind…", "解绑…";
    UNBIND_SELECTED: "Unbind selected…", "解绑所选…";
    UNBIND: "Unbind", "解绑";
    UNBIND_FROM: "Unbind {plan} from {what}?", "将 {plan} 从 {what} 解绑？";
    UNBIND_KEYS_FROM: "Unbind {keys} from {plan}?", "将 {keys} 从 {plan} 解绑？";
    UNBIND_KEYS_WHAT: "These keys lose access: {keys}.", "以下密钥将失去访问权限：{keys}。";
    UNBIND_KEYS_WHERE: "They may no longer call {environments}.", "它们将不能再调用 {environments}。";
    KEYS_LOSE: "{n} key loses access:|{n} keys lose access:", "{n} 个密钥将失去访问权限：";
    NOBODY_LOSES: "The plan has no key, so nobody loses access.", "该计划没有密钥，没有调用方受影响。";
    KEEP_BOUND: "Keep it bound", "保持绑定";
    ALL_PLANS_LINK: "All usage plans", "全部使用计划";
    HAS_NO_KEY: "{name} has no key", "{name} 未绑定密钥";
    HAS_NO_KEY_TODO: "Nobody can call with this plan until a key is bound to it.", "绑定密钥后才能按此计划调用。";
    HAS_NO_ENVIRONMENT: "{name} is bound to no environment", "{name} 未绑定服务环境";
    HAS_NO_ENVIRONMENT_TODO:
        "Its keys are refused everywhere until it is bound to an environment of a service.",
        "绑定之前，其密钥在任何环境都会被拒绝。";
    SEARCH_KEYS: "Search keys by name or SecretId", "按密钥名或 SecretId 搜索";
    NAME_OR_SECRET_ID: "Name or SecretId", "密钥名或 SecretId";
    KEYS_TO_BIND: "Keys to bind", "要绑定的密钥";
    ENVIRONMENTS_TO_BIND: "Environments to bind", "要绑定的服务环境";
    KEYS_SHOWN: "{shown} of {all} keys shown. What you tick stays ticked while you search.",
        "显示 {shown}/{all} 个密钥。搜索时已勾选的保持勾选。";
    TICK_A_KEY: "Tick at least one key.", "请至少勾选一个密钥。";
    TICK_AN_ENVIRONMENT: "Tick at least one environment.", "请至少勾选一个服务环境。";
    NO_SERVICE_TO_BIND: "There is no service yet. Create one first.", "还没有服务，请先创建。";
    ALREADY_BOUND: "already bound", "已绑定";
    DISABLED_ENABLE_FIRST: "disabled: enable it first", "已停用：请先启用";
    ON_PLANS: "on {plans}", "已在 {plans}";
    HAS_PLAN: "Has {plan} on the same environment.", "在同一环境已有 {plan}。";
    MOVE: "Move {keys} from {from} to {to} and bind all", "将 {keys} 从 {from} 移到 {to}，并绑定全部";
    RESET_ASK: "Reset usage…", "重置用量…";
    RESET_PLAN: "Reset the usage of {name}?", "重置 {name} 的用量？";
    RESET_WHAT:
        "What was counted in this period of these quotas is forgotten on all Envoys: {quotas}. This cannot be undone.",
        "所有 Envoy 上本周期已计的用量将被清除：{quotas}。此操作无法撤销。";
    RESET: "Reset usage", "重置用量";
    IS_RESET: "The usage of {name} is counted anew.", "{name} 的用量已重新计数。";
    KEEP_COUNTING: "Keep counting", "继续计数";
    QUOTA: "Quota", "额度";
    EVERY_QUOTA: "every quota", "全部额度";
    KEY: "Key", "密钥";
    EVERY_KEY: "every key", "全部密钥";
    DELETE_PLAN: "Delete {name}?", "删除 {name}？";
    DELETE: "Delete {name}", "删除 {name}";
    DELETE_WHAT: "For good. A plan to which something is bound cannot be deleted.", "永久删除。已绑定密钥或服务环境的计划不能删除。";
    IS_DELETED: "{name} is deleted.", "已删除 {name}。";
}
