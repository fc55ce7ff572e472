#!/usr/bin/env python3
"""Makes messages.json: messages of Envoy's Rate Limit Service, as Envoy's own definitions write them.

    python3 -m venv venv && venv/bin/pip install xds-protos==1.85.0
    venv/bin/python messages.py > messages.json
"""
import json

from envoy.config.core.v3.grpc_service_pb2 import GrpcService
from envoy.extensions.common.ratelimit.v3 import ratelimit_pb2
from envoy.service.ratelimit.v3 import rls_pb2
from google.protobuf import duration_pb2, wrappers_pb2

Descriptor = ratelimit_pb2.RateLimitDescriptor
Request = rls_pb2.RateLimitRequest
Response = rls_pb2.RateLimitResponse
Status = Response.DescriptorStatus


def entries(**pairs):
    return [Descriptor.Entry(key=key, value=value) for key, value in pairs.items()]


def limit(number, unit):
    return Descriptor.RateLimitOverride(requests_per_unit=number, unit=unit)


RATE = Descriptor(entries=entries(plan="usagePlan-gold", w="second"), limit=limit(400, "SECOND"))
QUOTA = Descriptor(
    entries=entries(plan="usagePlan-gold", part="key/AKIDacme0001", w="day", p="2026-11-24+0800"),
    limit=limit(4294967295, "DAY"),
    hits_addend=wrappers_pb2.UInt64Value(value=250),
)
PEEK = Descriptor(entries=entries(plan="é"), limit=limit(0, "YEAR"), hits_addend=wrappers_pb2.UInt64Value())

LOOK = Descriptor(
    entries=entries(plan="usagePlan-gold", w="total", p="total"),
    limit=limit(20, "YEAR"),
    hits_addend=wrappers_pb2.UInt64Value(),
)

MESSAGES = {
    "rate": Request(domain="usage-plans", descriptors=[RATE], hits_addend=25),
    "quota": Request(domain="usage-plans", descriptors=[QUOTA]),
    "peek": Request(domain="usage-plans", descriptors=[PEEK], hits_addend=7),
    "look": Request(domain="usage-plans", descriptors=[LOOK]),
    "two": Request(domain="d", descriptors=[RATE, Descriptor()]),
    "empty": Request(),
    "granted": Response(
        overall_code=Response.OK,
        statuses=[
            Status(
                code=Response.OK,
                current_limit=Response.RateLimit(requests_per_unit=400, unit="SECOND"),
                limit_remaining=375,
                duration_until_reset=duration_pb2.Duration(nanos=250_000_000),
            )
        ],
    ),
    "over": Response(
        overall_code=Response.OVER_LIMIT,
        statuses=[
            Status(
                code=Response.OVER_LIMIT,
                current_limit=Response.RateLimit(requests_per_unit=10, unit="YEAR"),
            )
        ],
    ),
    "unknown domain": Response(overall_code=Response.OK, statuses=[Status(code=Response.OK)]),
    "cluster": GrpcService(envoy_grpc=GrpcService.EnvoyGrpc(cluster_name="usage-plan-engine")),
    "longest cluster": GrpcService(envoy_grpc=GrpcService.EnvoyGrpc(cluster_name="e" * 125)),
}

print(json.dumps({name: message.SerializeToString(deterministic=True).hex() for name, message in MESSAGES.items()}, indent=2))
