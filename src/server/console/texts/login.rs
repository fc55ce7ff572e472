//! Signing in.

use super::super::text::{Text, texts};

texts! {
    SIGN_IN: "Sign in", "登录";
    LEAD: "With an operator’s credentials. A caller’s key pair does not work here.",
        "使用管理员凭证登录。调用方的密钥对在此无效。";
    ENDED: "You were signed out.", "您已退出登录。";
    ENDED_TODO: "A session ends after 8 hours, and with the server. What you typed was not saved. Sign in and you come back to this page.",
        "会话在 8 小时后或服务停止时结束。未保存的内容已丢失，登录后返回本页。";
    OPERATOR: "Operator’s SecretId", "管理员 SecretId";
    NOBODY: "No operator has this SecretId and SecretKey. {n} try is left for this address, then a pause of a minute.|No operator has this SecretId and SecretKey. {n} tries are left for this address, then a pause of a minute.",
        "SecretId 或 SecretKey 不正确。此地址还可尝试 {n} 次，之后需等待一分钟。";
    TOO_MANY: "Too many tries from this address. Wait a minute, then sign in again.",
        "此地址尝试次数过多。请等待一分钟后再登录。";
    LINK_USED: "This link was used already, or is of an earlier start. It works once.",
        "此链接已使用过，或属于之前的启动。链接只能使用一次。";
    NO_CREDENTIALS: "No credentials yet?", "还没有凭证？";
    ASK_FOR_CREDENTIALS:
        "On this machine, open the link that usage-plan serve printed when it started: it works once. Elsewhere, ask an admin to add you to the file given as --credentials.",
        "在本机上，打开 usage-plan serve 启动时打印的链接，该链接只能使用一次。在其他机器上，请管理员把您加入 --credentials 指定的文件。";
}
