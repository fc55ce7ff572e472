//! Binding, and the conflict rule.

use super::super::text::{Text, texts};

texts! {
    NOT_BOUND: "Not bound. Nothing was changed.", "未绑定，没有任何更改。";
    TWO_PLANS: "The key {key} would have two plans on {environment} of {service}: {one} and {other}.",
        "密钥 {key} 在 {service} 的 {environment} 环境会有两个使用计划：{one} 和 {other}。";
    UNTICK_OR_MOVE: "A key can have one plan on an environment. Untick it, or move it.",
        "同一环境中一个密钥只能有一个使用计划。请取消勾选，或将其移动。";
    UNTICK_ONE: "A key can have one plan on an environment. Untick one of the plans.",
        "同一环境中一个密钥只能有一个使用计划。请取消勾选其中一个计划。";
    MORE_CONFLICTS: "And {n} more.|And {n} more.", "另有 {n} 处冲突。";
}
