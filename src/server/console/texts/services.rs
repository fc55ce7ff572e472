//! Services.

use super::super::text::{Text, texts};

texts! {
    LEAD: "A service is what you protect: one or more domains with their environments. Usage plans are bound to its environments.",
        "服务是要保护的对象：一个或多个域名及其环境。使用计划绑定到服务的环境。";
    NEW_SERVICE: "New service", "新建服务";
    CREATE_SERVICE: "Create service", "提交";
    CREATED_SERVICE: "Service {name} created. Bind usage plans to its environments.",
        "已创建服务 {name}，请为其环境绑定使用计划。";
    ALL_SERVICES_LINK: "All services", "全部服务";
    NO_SERVICE_YET: "No service yet", "还没有服务";
    NO_SERVICE_YET_TODO:
        "A service is what you protect: one or more domains with the environments release, prepub and test. Start here.",
        "服务是要保护的对象：一个或多个域名，以及发布、预发布、测试环境。从这里开始。";
    NO_SUCH_SERVICE: "There is no service “{name}”", "没有服务“{name}”";
    NAME: "Name", "名称";
    NAME_HINT: "Up to 50 letters, digits, _ and -.", "最长 50 个字符，支持 a-z、A-Z、0-9、_ 和 -。";
    NAME_ID_OR_DOMAIN: "Name, id or domain", "名称、ID 或域名";
    SEARCH: "Search services", "搜索服务";
    CREATED: "Created", "创建时间";
    DOMAINS: "Domains", "域名";
    DOMAINS_HINT: "Host names, addresses, *.suffix or *, without a port, with spaces between them.",
        "域名、地址、*.后缀 或 *，不含端口，以空格分隔。";
    ENVIRONMENT: "Environment", "生效环境";
    ENVIRONMENTS: "Environments", "环境";
    ENVIRONMENTS_HINT: "Names with spaces between them. The first part of the path names one of them.",
        "以空格分隔的名称。路径的第一段指明其中一个。";
    WITHOUT_ENVIRONMENT: "Without an environment in the path", "路径未指明环境时";
    DEFAULT_HINT: "One of the environments; empty: refused with 404.", "其中一个环境；留空则以 404 拒绝。";
    REFUSED_WITH_404: "refused with 404", "以 404 拒绝";
    MAPPINGS: "Path mappings", "路径映射";
    MAPPINGS_HINT:
        "A path and an environment in each line, such as /v1 release. They replace the environments’ own names in the path.",
        "每行一个路径和一个环境，例如 /v1 release。映射将取代路径中的环境名。";
    MUST_BE_SIGNED: "Must be signed", "必须签名的头";
    MUST_BE_SIGNED_HINT: "Headers besides a date, in lower case, with spaces between them.",
        "除日期外的请求头，小写，以空格分隔。";
    A_DATE: "a date", "日期";
    CALLERS: "Callers", "调用方";
    CALLERS_SIGN: "sign with a key pair", "使用密钥对签名";
    CALLERS_MAY_SIGN: "need no key pair", "免密调用";
    CALLERS_MAY_SIGN_HINT: "who signs nevertheless must sign right", "如果签名，签名必须正确";
    SHOW_USAGE: "Callers may ask what is left of their limits", "调用方可查询剩余用量";
    YES: "Yes", "是";
    NO: "No", "否";
    PLAN: "Plan", "使用计划";
    PLANS_COUNT: "{n} plan|{n} plans", "{n} 个使用计划";
    PLANS_OF_EACH: "Usage plans of each environment", "各环境的使用计划";
    PLANS_BY_ENVIRONMENT: "Plans by environment", "各环境的使用计划表";
    MORE_PLANS:
        "{n} more plan is not bound to any environment of this service.|{n} more plans are not bound to any environment of this service.",
        "另有 {n} 个使用计划未绑定到此服务。";
    SHOW_THEM: "Show them", "查看";
    BIND: "Bind", "绑定";
    BOUND: "Bound", "已绑定";
    NOT_BOUND: "not bound", "未绑定";
    NO_PLAN_BOUND: "No usage plan is bound", "未绑定使用计划";
    NO_PLAN_BOUND_TODO:
        "Signed calls are refused until a plan with the caller’s key is bound to an environment.",
        "在带有调用方密钥的使用计划绑定到环境之前，签名调用会被拒绝。";
    BIND_PLANS_TO: "Bind usage plans to {name}", "为 {name} 绑定使用计划";
    PLANS_TO_BIND: "Usage plans to bind", "要绑定的使用计划";
    NO_PLAN_TO_BIND: "No usage plan fits. Create one, or search for another.", "没有可绑定的使用计划，请新建或更换搜索条件。";
    TICK_A_PLAN: "Tick at least one usage plan.", "请至少勾选一个使用计划。";
    BOUND_TO: "{plans} bound to {environment} of {service}.", "已将 {plans} 绑定到 {service} 的 {environment}。";
    BOUND_TO_ENVIRONMENTS: "bound to {environments}", "已绑定 {environments}";
    CALL_IT: "Call it", "调用地址";
    ADDRESS: "Address", "地址";
    DELETE_SERVICE: "Delete {name}?", "删除 {name}？";
    DELETE: "Delete {name}", "删除 {name}";
    DELETE_WHAT: "For good. Requests to {domains} are then refused with 404.",
        "永久删除。此后对 {domains} 的请求将以 404 被拒绝。";
    IS_DELETED: "{name} is deleted.", "已删除 {name}。";
}
