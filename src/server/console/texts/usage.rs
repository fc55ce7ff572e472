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
    AT_MOST: "{name}, {span} at a time: at most {most}, from {time} on; {all} in all",
        "{name}，每 {span}：最多 {most} 次，始于 {time}；共 {all} 次";
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
}
