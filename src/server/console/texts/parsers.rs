//! The reasons that parsers of JSON, HTTP and addresses give, in Chinese.

const CHINESE: &[(&str, &str)] = &[
    ("EOF while parsing a list", "数组未结束"),
    ("EOF while parsing an object", "对象未结束"),
    ("EOF while parsing a string", "字符串未结束"),
    ("EOF while parsing a value", "缺少值"),
    ("expected `:`", "应为 :"),
    ("expected `,` or `]`", "应为 , 或 ]"),
    ("expected `,` or `}`", "应为 , 或 }"),
    ("expected ident", "应为 true、false 或 null"),
    ("expected value", "应为一个值"),
    ("invalid escape", "转义无效"),
    ("invalid number", "数字无效"),
    ("number out of range", "数字超出范围"),
    ("invalid unicode code point", "Unicode 码位无效"),
    ("control character (\\u0000-\\u001F) found while parsing a string", "字符串中有控制字符"),
    ("key must be a string", "成员名须为字符串"),
    ("lone leading surrogate in hex escape", "转义中有不成对的代理项"),
    ("unexpected end of hex escape", "十六进制转义不完整"),
    ("trailing comma", "多了一个逗号"),
    ("trailing characters", "之后还有多余的内容"),
    ("recursion limit exceeded", "嵌套过深"),
    ("invalid header name", "请求头名称无效"),
    ("invalid header value", "请求头的值无效"),
    ("invalid byte in new line", "换行无效"),
    ("invalid token", "有无效字符"),
    ("invalid HTTP version", "HTTP 版本无效"),
    ("too many headers", "请求头过多"),
    ("invalid uri character", "有无效字符"),
    ("invalid scheme", "协议无效"),
    ("invalid authority", "主机无效"),
    ("invalid port", "端口无效"),
    ("invalid format", "格式无效"),
    ("scheme missing", "缺少协议"),
    ("authority missing", "缺少主机"),
    ("path missing", "缺少路径"),
    ("uri too long", "地址过长"),
    ("empty string", "为空"),
    ("scheme too long", "协议过长"),
];

/// A parser's reason.
pub(in crate::console) fn chinese(reason: &str) -> Option<&'static str> {
    CHINESE.iter().find(|(english, _)| *english == reason).map(|(_, chinese)| *chinese)
}
