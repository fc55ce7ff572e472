//! The first page, and where the document is in force.

use super::super::text::{Text, texts};

texts! {
    NO_ENVOY: "No Envoy has asked yet", "还没有 Envoy 获取配置";
    IN_FORCE_ON: "In force on {taken} of {all} Envoys", "已在 {taken}/{all} 个 Envoy 上生效";
    ENVOYS: "Envoys", "Envoy 列表";
    NO_ENVOY_YET: "No Envoy has asked for the document", "还没有 Envoy 获取配置";
    NO_ENVOY_YET_TODO:
        "Point an Envoy at this server, or publish to the folder that it watches. Until then nothing here has an effect.",
        "让 Envoy 连接本服务，或发布到它监视的目录。在此之前所有设置都不生效。";
    IN_FORCE: "In force", "已生效";
    BEHIND: "Behind", "未更新";
    REFUSED: "Refused", "已拒绝";
    AWAY: "No answer", "无响应";
    REFUSED_IT: "{name} refused the document. It still answers with the one before.",
        "{name} 拒绝了该配置，仍使用之前的版本。";
    DOES_NOT_ANSWER: "{name} has not answered. It keeps the document it has.", "{name} 没有响应，继续使用已有的配置。";
    KEYS_END: "{n} enabled key has expired or soon will|{n} enabled keys have expired or soon will",
        "{n} 个使用中的密钥已到期或即将到期";
    PLANS_IDLE: "{n} usage plan has no key or no environment|{n} usage plans have no key or no environment",
        "{n} 个使用计划未绑定密钥或服务环境";
    LAST_EDITS: "Last edits", "最近操作";
    ALL_ACTIVITY: "All activity", "全部操作记录";
    NO_EDIT_YET: "No edit yet", "还没有操作记录";
    NO_EDIT_YET_TODO: "Every change made here, by the API or the command line is listed with who made it.",
        "在控制台、API 或命令行所做的每次更改都会列出操作者。";
}
