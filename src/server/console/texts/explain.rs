//! A request followed step by step.

use super::super::text::{Text, texts};

/// The name of a step, unless it is a term.
pub(in crate::console) fn step(name: &str) -> Option<Text> {
    Some(match name {
        "request" => REQUEST,
        "clock" => CLOCK,
        "service" => SERVICE,
        "environment" => ENVIRONMENT,
        "usage plans" => PLANS,
        "plan" => PLAN,
        "credential" => CREDENTIAL,
        "algorithm" => ALGORITHM,
        "date" => DATE,
        "key" => KEY,
        "signature" => SIGNATURE,
        "string to sign" => STRING_TO_SIGN,
        "upstream" => UPSTREAM,
        "usage path" => USAGE_PATH,
        "signed headers" => SIGNED_HEADERS,
        "counted on" => COUNTED_ON,
        _ => return None,
    })
}

/// What a line below a step shows, unless it is a term.
pub(in crate::console) fn label(name: &str) -> Option<Text> {
    Some(match name {
        "form" => FORM,
        "expected" => EXPECTED,
        "received" => RECEIVED,
        "because" => BECAUSE,
        "adds" => ADDS,
        "removes" => REMOVES,
        "counter" => COUNTER,
        _ => return None,
    })
}

texts! {
    LEAD: "Paste a request and see, step by step, what Envoy does with it and why. It is not sent and not counted.",
        "粘贴一个请求，逐步查看 Envoy 如何处理它以及原因。请求不会被发送，也不会计数。";
    REQUEST: "Request", "请求";
    REQUEST_HINT: "The output of curl -v, or the raw request. Not stored.", "curl -v 的输出，或原始请求。不会保存。";
    NOT_A_REQUEST: "This is no request: paste what curl -v prints, or the head of a request.",
        "这不是请求：请粘贴 curl -v 的输出或请求头。";
    JUDGE_AS_OF: "Judge it as of", "判断时间";
    SIGNED_DATE: "The date it signs", "签名日期";
    SIGNED_DATE_HINT: "for a request from a log", "用于日志中的请求";
    NOW: "Now", "现在";
    NOW_HINT: "finds a wrong clock", "可发现时钟错误";
    VERDICT: "Verdict", "结论";
    NOTHING_YET: "No request yet", "还没有请求";
    NOTHING_YET_TODO: "Paste one, and the steps appear here.", "粘贴一个请求，步骤将显示在这里。";
    ENVOY_INTERVENES:
        "Envoy would change or refuse this request before the filter sees it: see the step envoy.",
        "Envoy 会在过滤器之前修改或拒绝此请求，见 envoy 步骤。";
    ALLOWED: "Admitted: the plan refuses nothing", "放行：该计划没有限制";
    ALLOWED_UNLESS: "Admitted, unless a limit of the plan is used up", "放行，除非计划的限制已用完";
    OBSERVED: "Admitted only because refusals are observed: {why}", "仅因观察模式而放行：{why}";
    USAGE_SHOWN: "Answered with what is left of the limits", "以剩余用量作答";
    REFUSED: "Refused with {status}: {why}", "以 {status} 拒绝：{why}";
    UNKNOWN: "Admitted if the signature is right, which cannot be checked here: {why}",
        "签名正确则放行，但此处无法验证：{why}";
    CALLER_READS: "The caller reads:", "调用方看到：";
    IN_METRICS: "In metrics and logs:", "指标和日志中：";
    PASSED: "Passed", "通过";
    REFUSED_HERE: "Refused here", "在此被拒绝";
    CLOCK: "Clock", "时钟";
    SERVICE: "Service", "服务";
    ENVIRONMENT: "Environment", "环境";
    PLANS: "Usage plans", "使用计划";
    PLAN: "Plan", "计划";
    CREDENTIAL: "Credential", "凭证";
    ALGORITHM: "Algorithm", "算法";
    DATE: "Date", "日期";
    KEY: "Key", "密钥";
    SIGNATURE: "Signature", "签名";
    STRING_TO_SIGN: "Signed text", "待签名文本";
    UPSTREAM: "Forwarded as", "转发为";
    USAGE_PATH: "Usage path", "用量路径";
    SIGNED_HEADERS: "Signed headers", "已签名的头";
    COUNTED_ON: "Counted on", "计入";
    FORM: "form", "格式";
    EXPECTED: "expected", "应为";
    RECEIVED: "received", "收到";
    BECAUSE: "because", "原因";
    ADDS: "adds", "添加";
    REMOVES: "removes", "删除";
    COUNTER: "counter", "计数器";
}
