"""Envoy's configuration for a scenario, from the files of envoy/ here and parts of the shipped one."""

import json
import pathlib
import re
import string
import textwrap

from failure import Failed
from scenario import API_KEY, ENGINE

HERE = pathlib.Path(__file__).resolve().parent
REPOSITORY = HERE.parents[1]
SHIPPED = REPOSITORY / "envoy" / "envoy.yaml"
OF_FLEET = REPOSITORY / "envoy" / "fleet" / "capabilities.yaml"
FILTER_INDENT, MANAGER_INDENT = " " * 18, " " * 16
# A port that nothing is asked on, where a scenario has no authority or no engine.
NOBODY = 9


def capabilities(fleet=False):
    """What the shipped configuration allows a module to export and import, and what a fleet needs besides."""
    blocks = {SHIPPED: _shipped("allowed_capabilities:")}
    if fleet:
        blocks[OF_FLEET] = OF_FLEET.read_text(encoding="utf-8")
    names = {path: re.findall(r"^ *(\w+): *\{ *\}", block, re.MULTILINE) for path, block in blocks.items()}
    for path in (path for path, found in names.items() if not found):
        raise Failed(f"cannot read the capabilities in {path}")
    return [name for found in names.values() for name in found]


def _shipped(first_line):
    """The part of the shipped configuration that begins with this line and is indented under it, moved to the left."""
    text = SHIPPED.read_text(encoding="utf-8")
    found = re.search(rf"^( *){re.escape(first_line)}.*\n((?:\1 +\S.*\n|\s*\n)+)", text, re.MULTILINE)
    if not found:
        raise Failed(f"{SHIPPED} has no `{first_line}`")
    return textwrap.dedent(found.group(0))


def configuration(scenario, modules, authority=None, engine=None):
    """The text of Envoy's configuration. `modules` has the path of each module by its name; the others are ports."""
    values = {
        "capabilities": json.dumps({"allowed_capabilities": {name: {} for name in capabilities(scenario.fleet)
                                                             if name not in scenario.unlisted()}
                                    if scenario.restricted else {}}),
        # A YAML string may be quoted as a JSON string is.
        "document": json.dumps(json.dumps(scenario.document())),
        "module": json.dumps(str(modules.get(scenario.package))),
        "script": json.dumps(str(HERE / "envoy" / "hmac.lua")),
        "api_key": API_KEY, "limit": scenario.limit, "x_ratelimit": json.dumps(scenario.x_ratelimit),
    }

    def part(name):
        if name == "guard":
            return _shipped("- name: usage_plan_guard")
        template = string.Template((HERE / "envoy" / f"{name}.yaml").read_text(encoding="utf-8"))
        return template.substitute(values)

    filters = "".join(textwrap.indent(part(name), FILTER_INDENT) for name in scenario.filters)
    reply = _shipped("local_reply_config:") if scenario.local_reply_config else ""
    template = string.Template((HERE / "envoy" / "envoy.yaml").read_text(encoding="utf-8"))
    return template.substitute(filters=filters, local_reply_config=textwrap.indent(reply, MANAGER_INDENT),
                               authority=authority or NOBODY, engine=engine or NOBODY, engine_cluster=ENGINE)
