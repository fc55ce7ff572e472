//! The words of the cloud product's API, version 2018-08-08: its actions, and the members of their answers.
//!
//! The names are the API's own. [`import`](crate::import) reads them.

/// An action that returns a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListAction {
    /// The action's name.
    pub name: &'static str,
    /// The member of its result that is the list. No other action has it.
    pub list: &'static str,
    /// The member that identifies an item of the list.
    pub id: &'static str,
}

/// The keys.
pub const API_KEYS: ListAction =
    ListAction { name: "DescribeApiKeysStatus", list: "ApiKeySet", id: ACCESS_KEY_ID };
/// The usage plans.
pub const USAGE_PLANS: ListAction =
    ListAction { name: "DescribeUsagePlansStatus", list: "UsagePlanStatusSet", id: USAGE_PLAN_ID };
/// The services.
pub const SERVICES: ListAction =
    ListAction { name: "DescribeServicesStatus", list: "ServiceSet", id: SERVICE_ID };
/// The APIs of a service.
pub const APIS: ListAction = ListAction { name: "DescribeApisStatus", list: "ApiIdStatusSet", id: API_ID };
/// The keys bound to a usage plan. The answer does not say to which.
pub const PLAN_KEYS: ListAction =
    ListAction { name: "DescribeUsagePlanSecretIds", list: "AccessKeyList", id: ACCESS_KEY_ID };
/// The environments bound to a usage plan. The answer does not say to which.
pub const PLAN_ENVIRONMENTS: ListAction =
    ListAction { name: "DescribeUsagePlanEnvironments", list: "EnvironmentList", id: SERVICE_ID };
/// The custom domains of a service. The answer does not say of which.
pub const SERVICE_DOMAINS: ListAction =
    ListAction { name: "DescribeServiceSubDomains", list: "DomainSet", id: DOMAIN_NAME };

/// The envelope of every answer.
pub const RESPONSE: &str = "Response";
/// What the action returns, inside the envelope.
pub const RESULT: &str = "Result";
/// An error instead of a result, with [`CODE`] and [`MESSAGE`].
pub const ERROR: &str = "Error";
/// An error's code.
pub const CODE: &str = "Code";
/// An error's message.
pub const MESSAGE: &str = "Message";
/// How many items a list has on all pages together.
pub const TOTAL_COUNT: &str = "TotalCount";
/// When an object was created.
pub const CREATED_TIME: &str = "CreatedTime";

/// The labels of an object.
pub const TAGS: &str = "Tags";
/// A label's name.
pub const TAG_KEY: &str = "Key";
/// A label's value.
pub const TAG_VALUE: &str = "Value";

/// A key's id.
pub const ACCESS_KEY_ID: &str = "AccessKeyId";
/// A key's secret, which some answers mask with `*`.
pub const ACCESS_KEY_SECRET: &str = "AccessKeySecret";
/// Whether a key pair's secret was generated or given, or that the key is of a different type.
pub const ACCESS_KEY_TYPE: &str = "AccessKeyType";
/// The [`ACCESS_KEY_TYPE`]s of key pairs.
pub const KEY_PAIR_TYPES: [&str; 2] = ["auto", "manual"];
/// A key's name.
pub const SECRET_NAME: &str = "SecretName";
/// A key's status: 0 is disabled, 1 is enabled.
pub const STATUS: &str = "Status";

/// A usage plan's id.
pub const USAGE_PLAN_ID: &str = "UsagePlanId";
/// A usage plan's name.
pub const USAGE_PLAN_NAME: &str = "UsagePlanName";
/// A usage plan's description.
pub const USAGE_PLAN_DESC: &str = "UsagePlanDesc";
/// Requests per second; -1 is no limit.
pub const MAX_REQUEST_NUM_PRE_SEC: &str = "MaxRequestNumPreSec";
/// Requests in total; -1 is no limit.
pub const MAX_REQUEST_NUM: &str = "MaxRequestNum";
/// The ids of the keys bound to a plan.
pub const BIND_SECRET_IDS: &str = "BindSecretIds";
/// The environments bound to a plan, with [`SERVICE_ID`] and [`ENVIRONMENT_NAME`].
pub const BIND_ENVIRONMENTS: &str = "BindEnvironments";

/// A service's id.
pub const SERVICE_ID: &str = "ServiceId";
/// A service's name.
pub const SERVICE_NAME: &str = "ServiceName";
/// The domains that a service was given at its creation, in three members.
pub const DEFAULT_DOMAINS: [&str; 3] = ["OuterSubDomain", "InnerSubDomain", "InternalSubDomain"];
/// The environments that a service is published to.
pub const AVAILABLE_ENVIRONMENTS: &str = "AvailableEnvironments";
/// The plans bound to a service, with [`USAGE_PLAN_ID`] and [`ENVIRONMENT`].
pub const USAGE_PLAN_LIST: &str = "UsagePlanList";
/// A custom domain.
pub const DOMAIN_NAME: &str = "DomainName";
/// Whether a custom domain has the default path mapping.
pub const IS_DEFAULT_MAPPING: &str = "IsDefaultMapping";
/// The path mappings of a host, with [`PATH`] and [`ENVIRONMENT`]. Only the answer of
/// [`DOMAIN_MAPPINGS`] has it, and does not say of which host and service.
pub const PATH_MAPPING_SET: &str = "PathMappingSet";
/// The action that returns the path mappings of a host.
pub const DOMAIN_MAPPINGS: &str = "DescribeServiceSubDomainMappings";

/// The name of an environment, in lists of bindings.
pub const ENVIRONMENT: &str = "Environment";
/// The name of an environment, in the list of a plan.
pub const ENVIRONMENT_NAME: &str = "EnvironmentName";
/// An API's id.
pub const API_ID: &str = "ApiId";
/// How an API is called; [`KEY_PAIR_AUTH`] is by a signature.
pub const AUTH_TYPE: &str = "AuthType";
/// The [`AUTH_TYPE`] of APIs that are called with a key pair.
pub const KEY_PAIR_AUTH: &str = "SECRET";
/// The [`AUTH_TYPE`] of APIs that everybody may call.
pub const OPEN_AUTH: &str = "NONE";
/// How many APIs a service has.
pub const API_TOTAL_COUNT: &str = "ApiTotalCount";
/// An API's method.
pub const METHOD: &str = "Method";
/// An API's path.
pub const PATH: &str = "Path";
