//! Signing a request.

use super::super::text::{Text, texts};

texts! {
    LEAD: "A curl command that calls with a key of the document, to try whether it passes.",
        "用配置文档中的密钥签名的 curl 命令，用于验证能否通过。";
    KEY: "Key", "密钥";
    ADDRESS: "Address", "地址";
    ADDRESS_HINT: "With https:// or http://, the environment’s path and a query if there is one.",
        "以 https:// 或 http:// 开头，包含环境路径和查询参数。";
    METHOD: "Method", "方法";
    METHOD_HINT: "Empty: GET.", "留空为 GET。";
    CONNECT: "Connect to", "连接到";
    CONNECT_HINT: "An Envoy, such as 127.0.0.1:10000. Empty: the address’s own host.",
        "Envoy 的地址，例如 127.0.0.1:10000；留空则使用地址中的主机。";
    HEADERS: "More headers", "其他请求头";
    HEADERS_HINT: "One in each line, such as Source: my-app. They are signed too.",
        "每行一个，例如 Source: my-app，也会被签名。";
    SIGNED: "Signed", "已签名";
    VALID_FOR:
        "It passes for as long as its date is near enough to now, 15 minutes unless the options say otherwise.",
        "在日期与当前时间相差不大时有效，默认 15 分钟。";
    WOULD_BE_REFUSED: "Envoy would refuse this now: {why}", "Envoy 现在会拒绝此请求：{why}";
    WOULD_BE_REFUSED_TODO: "Explain shows where.", "可在请求诊断中查看原因。";
}
