//! What was used and refused over time.

use super::super::text::{Text, texts};

texts! {
    RANGE: "Time range", "时间范围";
    HOUR: "1 hour", "1 小时";
    DAY: "24 hours", "24 小时";
    MONTH: "30 days", "30 天";
    IN_THE_HOUR: "in the last hour", "最近 1 小时";
    IN_THE_DAY: "in the last 24 hours", "最近 24 小时";
    IN_THE_MONTH: "in the last 30 days", "最近 30 天";
    REQUESTS: "Requests by outcome", "请求结果";
    FROM_TO: "{from} to {to}, all Envoys", "{from} 至 {to}，全部 Envoy";
    ADMITTED: "Admitted", "放行";
    OVER_RATE: "Over the rate", "超过速率";
    QUOTA_SPENT: "Quota spent", "额度已用完";
    NOT_AUTHENTICATED: "Not authenticated", "未通过认证";
    OTHER: "Refused otherwise", "其他拒绝";
    EACH_POINT: "each point is {span}", "每点为 {span}";
    EACH_BAR: "each bar is {span}, on its own scale", "每柱为 {span}，单独刻度";
    REFUSED_BY_REASON: "Refused, by reason", "拒绝原因";
    AT_MOST_AND_ALL: "{name}, {span} at a time: at most {most}, from {time} on; {all} in all",
        "{name}，每 {span}：最多 {most} 次，始于 {time}；共 {all} 次";
    AT_MOST: "{name}, {span} at a time: at most {most}, from {time} on",
        "{name}，每 {span}：最多 {most} 次，始于 {time}";
    NEVER: "{name}, {span} at a time: none", "{name}，每 {span}：无";
    AS_TABLE: "Show as a table", "以表格显示";
    FROM: "From", "起始时间";
    NOTHING_KNOWN: "nothing is known", "没有数据";
    IS_GAP: "Shaded: no Envoy was asked or answered.", "阴影：未询问或没有 Envoy 响应。";
    IS_PARTIAL: "At times an Envoy did not answer. Its requests of that time are missing.",
        "期间有 Envoy 未响应，缺少其当时的请求。";
    IS_RESTART: "Dotted: an Envoy began to count anew.", "点线：有 Envoy 重新开始计数。";
    NO_REQUEST: "No request {when}", "{when}没有请求";
    NO_REQUEST_TODO: "Send a signed request to see it here; Sign makes the command.",
        "发送一个签名请求即可在此看到；“签名”页可生成命令。";
    NO_SAMPLE: "Nothing is known yet", "还没有数据";
    NO_SAMPLE_TODO: "Envoys are asked every 10 seconds. The first numbers are here after the second answer.",
        "每 10 秒询问一次 Envoy，第二次响应后显示第一批数据。";
    NO_ENVOY_ASKED: "Requests are not counted here", "此处未统计请求";
    NO_ENVOY_ASKED_TODO:
        "Start the server with --admin HOST:PORT for each Envoy: the address of its admin interface. What they count is then kept for 31 days.",
        "启动服务时为每个 Envoy 指定 --admin HOST:PORT（其管理接口地址），统计数据将保留 31 天。";
    NOT_KEPT: "What Envoys count is not kept.", "未保存 Envoy 的统计数据。";
    USAGE: "Usage", "用量";
    USED: "Used", "已用";
    REFUSED: "Refused", "已拒绝";
    BUSIEST: "Most requests a second in {span}, over 10 seconds", "{span}内每秒最多请求数（10 秒平均）";
    BUSIEST_SECOND: "Most a second", "每秒最多";
    USED_OF: "Used of {quota}", "已用额度（{quota}）";
    LIMIT_IS: "limit, {limit}", "限制：{limit}";
    TOO_SHORT: "The period of {quota} is too short to be seen here: look at an hour or a day.",
        "{quota} 的周期过短，此处无法显示，请查看 1 小时或 24 小时。";
    APART: "Counted apart, so that the sum says nothing about the limit.", "分别计数，合计与限制无关。";
    A_SECOND_NOW: "{n} a second now", "目前每秒 {n} 次";
    A_SECOND_OF: "{n} a second now, {left} left", "目前每秒 {n} 次，剩余 {left}";
    ON_EACH_ENVOY: "{limit} on each of {n} Envoys", "{n} 个 Envoy 各 {limit}";
    USED_AND_LEFT: "{used} used, {left} left", "已用 {used}，剩余 {left}";
    USED_SINCE: "{used} used since {since}, at most {left} left", "自 {since} 起已用 {used}，最多剩余 {left}";
    ADMITTED_N: "{n} admitted", "放行 {n} 次";
    REFUSED_N: "refused {n}", "拒绝 {n} 次";
    REFUSED_NONE: "nothing refused", "无拒绝";
    NOT_BY_API: "not counted apart in metrics", "指标未单独统计";
    RENEWS: "Renews", "重置";
    RENEWS_IN: "renews in {span}", "{span}后重置";
    NEVER_RENEWS: "never renews", "不重置";
    WILL_LAST: "will last", "够用";
    RUNS_OUT: "runs out in about {span}", "预计 {span}后用完";
    OUTLOOK: "Outlook", "预计";
    NEAR_A_QUOTA: "Plans near a quota", "接近额度的计划";
    PLANS: "{n} plan|{n} plans", "{n} 个计划";
    PLANS_APART: "{n} plan counts its quotas for each key or environment: its page says more.|{n} plans count their quotas for each key or environment: their pages say more.",
        "{n} 个计划按密钥或服务环境分别计数，详见其页面。";
    PLAN: "Plan", "计划";
    NO_QUOTA: "No plan has a quota", "没有计划设置额度";
    NO_QUOTA_TODO: "A quota limits the requests of a day or a month. Edit a usage plan to give it one.",
        "额度限制每天或每月的调用次数，可在使用计划中设置。";
    USE_NOT_KNOWN: "What is used is not known here", "此处不知道已用多少";
    REFUSED_MOST: "Keys refused most", "被拒绝最多的密钥";
    REFUSALS_NOT_KNOWN: "Refusals are not counted here", "此处未统计拒绝";
    NO_KEY_REFUSED: "No key was refused", "没有密钥被拒绝";
    NO_KEY_REFUSED_WHY: "All calls that were signed with a key went through.", "所有签名的调用均已放行。";
    KEY: "Key", "密钥";
    MOSTLY_BECAUSE: "Mostly because", "主要原因";
    OVER_TIME: "Over time", "随时间";
    WHY_REFUSED: "Why refused", "拒绝原因";
    LAST_SEEN: "Last seen", "最近调用";
    NEVER_SEEN: "not in what is kept", "保留的数据中没有";
    SINCE_START: "Since the Envoys started", "自 Envoy 启动以来";
    ADMITTED_AND_REFUSED: "{admitted} admitted, {refused} refused", "放行 {admitted} 次，拒绝 {refused} 次";
    NOT_BY_KEY: "Requests are not counted by key", "未按密钥统计请求";
    NOT_BY_KEY_TODO: "Switch it on in the options of the document: {option}. Each key then has metrics of its own.",
        "在配置文档的 options 中开启：{option}，之后每个密钥有自己的指标。";
    EDIT_DOCUMENT: "Edit the document", "编辑配置文档";
    WOULD_RATE_LIMIT: "Over the rate, let through", "超速但放行";
    WOULD_EXCEED_QUOTA: "Quota spent, let through", "超额但放行";
    AWAY_FOR: "{name} has not answered for {span}.", "{name} 已 {span}没有响应。";
    AWAY_WHAT: "It keeps the document it has. Its requests of that time are missing from the charts.",
        "它继续使用已有的配置，图表缺少其这段时间的请求。";
    NO_DOCUMENT: "{name} has no document in force.", "{name} 没有生效的配置。";
    NO_DOCUMENT_WHAT: "It answers every call with 503.", "它对所有调用返回 503。";
    ENGINE_AWAY: "{name} does not ask the engine, because it did not answer.", "引擎未响应，{name} 已停止询问引擎。";
    ENGINE_AWAY_WHAT: "It decides as on_engine_down says until the engine answers again.",
        "在引擎恢复之前，按 on_engine_down 的设置处理。";
}
