//! How calls end.

use usage_plan_core::telemetry::Outcome;

use super::super::text::{Text, texts};

/// How a call with this outcome ends, in words.
pub(in crate::console) const fn of(outcome: Outcome) -> Text {
    match outcome {
        Outcome::Allowed => ALLOWED,
        Outcome::Anonymous => ANONYMOUS,
        Outcome::UsageShown => USAGE_SHOWN,
        Outcome::UsageRateLimited => USAGE_RATE_LIMITED,
        Outcome::ServiceNotFound => SERVICE_NOT_FOUND,
        Outcome::EnvironmentNotFound => ENVIRONMENT_NOT_FOUND,
        Outcome::NoUsagePlan => NO_USAGE_PLAN,
        Outcome::CredentialMissing => CREDENTIAL_MISSING,
        Outcome::CredentialMalformed => CREDENTIAL_MALFORMED,
        Outcome::CredentialIncomplete => CREDENTIAL_INCOMPLETE,
        Outcome::CredentialEmpty => CREDENTIAL_EMPTY,
        Outcome::AlgorithmNotSupported => ALGORITHM_NOT_SUPPORTED,
        Outcome::DateNotSigned => DATE_NOT_SIGNED,
        Outcome::HeaderNotSigned => HEADER_NOT_SIGNED,
        Outcome::SignedHeaderMissing => SIGNED_HEADER_MISSING,
        Outcome::SignedHeaderRepeated => SIGNED_HEADER_REPEATED,
        Outcome::DateInvalid => DATE_INVALID,
        Outcome::DateOutOfRange => DATE_OUT_OF_RANGE,
        Outcome::KeyUnknown => KEY_UNKNOWN,
        Outcome::KeyDisabled => KEY_DISABLED,
        Outcome::KeyExpired => KEY_EXPIRED,
        Outcome::KeyNotBound => KEY_NOT_BOUND,
        Outcome::SignatureMismatch => SIGNATURE_MISMATCH,
        Outcome::RateLimited => RATE_LIMITED,
        Outcome::QuotaExceeded => QUOTA_EXCEEDED,
        Outcome::CounterUnavailable => COUNTER_UNAVAILABLE,
    }
}

/// How a call ended, by the word that metrics have for it; `None` for a word of observe mode or another
/// version.
pub(in crate::console) fn of_word(word: &str) -> Option<Text> {
    Outcome::ALL.iter().find(|outcome| outcome.as_str() == word).map(|outcome| of(*outcome))
}

texts! {
    ALLOWED: "Admitted", "放行";
    ANONYMOUS: "Admitted without a key", "免密放行";
    USAGE_SHOWN: "Asked what is left", "查询剩余用量";
    USAGE_RATE_LIMITED: "Asked too often what is left", "查询剩余用量过于频繁";
    SERVICE_NOT_FOUND: "No service has this host", "没有服务使用该域名";
    ENVIRONMENT_NOT_FOUND: "The path names no environment", "路径未指明环境";
    NO_USAGE_PLAN: "No plan is bound to the environment", "该环境未绑定使用计划";
    CREDENTIAL_MISSING: "No credential", "缺少凭证";
    CREDENTIAL_MALFORMED: "The credential cannot be read", "凭证无法解析";
    CREDENTIAL_INCOMPLETE: "The credential lacks a part", "凭证不完整";
    CREDENTIAL_EMPTY: "The credential has an empty part", "凭证有空值";
    ALGORITHM_NOT_SUPPORTED: "Algorithm not allowed", "不支持的算法";
    DATE_NOT_SIGNED: "No date is signed", "未对日期签名";
    HEADER_NOT_SIGNED: "A required header is not signed", "必需的头未签名";
    SIGNED_HEADER_MISSING: "A signed header is absent", "已签名的头缺失";
    SIGNED_HEADER_REPEATED: "A signed header is there twice", "已签名的头重复";
    DATE_INVALID: "The date cannot be read", "日期无法解析";
    DATE_OUT_OF_RANGE: "The date is too far from now", "日期与当前时间相差过大";
    KEY_UNKNOWN: "Unknown key", "密钥不存在";
    KEY_DISABLED: "Key is disabled", "密钥已停用";
    KEY_EXPIRED: "Key is expired, or not valid yet", "密钥已到期或未生效";
    KEY_NOT_BOUND: "The key is on no plan of the environment", "密钥未绑定该环境的使用计划";
    SIGNATURE_MISMATCH: "Signature does not match", "签名不匹配";
    RATE_LIMITED: "Over the rate", "超过速率";
    QUOTA_EXCEEDED: "Quota spent", "额度已用完";
    COUNTER_UNAVAILABLE: "Could not be counted", "无法计数";
}
