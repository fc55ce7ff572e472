//! Why a request cannot be signed, or a secret is not here, in Chinese.

use usage_plan_core::sentence::Phrase;
use usage_plan_manage::secrets::phrases as secrets;
use usage_plan_manage::sign::phrases::{
    AUTHORIZATION, CANNOT_SIGN, DATE_UNUSED, HEADER_MISSING, HEADER_REPEATED, HOSTS, METHOD, NAMES,
    NO_ADDRESS, NO_DATE, NO_SECRET, ONE_HEADER, SCHEME, SECRET_ID, SECRET_KEY, USER,
};

pub(in crate::console) const CHINESE: &[(Phrase, &str)] = &[
    (secrets::NO_VARIABLE, "密钥保存在变量 {0} 中，而此处的环境没有该变量"),
    (secrets::INVALID_VARIABLE, "变量 {0} 的值{1}"),
    (secrets::NO_FILE, "密钥保存在文件 {0} 中：{1}"),
    (secrets::INVALID_FILE, "文件 {0} 的内容{1}"),
    (secrets::NO_SECRET, "没有密钥"),
    (NO_ADDRESS, "这不是地址：{0}"),
    (SCHEME, "须以 http:// 或 https:// 开头"),
    (USER, "不能含用户名：由签名识别调用方"),
    (ONE_HEADER, "须为一个请求头，例如 'Source: my-app'"),
    (CANNOT_SIGN, "密钥 {0} 在此处无法签名：{1}"),
    (NO_SECRET, "密钥 {0} 没有 SecretKey"),
    (SECRET_ID, "SecretId {0}"),
    (SECRET_KEY, "SecretKey {0}"),
    (METHOD, "须为方法名，例如 POST"),
    (AUTHORIZATION, "Authorization 由签名添加，请勿填写"),
    (HOSTS, "Host 出现了多次"),
    (NAMES, "要签名的请求头最多 32 个，以空格分隔，不能重复"),
    (NO_DATE, "要签名的请求头须包含 {0} 或 {1}"),
    (DATE_UNUSED, "请求头中已有日期，不能再指定"),
    (HEADER_MISSING, "请求头 {0} 要签名：必须填写，且最长 4 KiB"),
    (HEADER_REPEATED, "要签名的请求头出现了多次"),
];
