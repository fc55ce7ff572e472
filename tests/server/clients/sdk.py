"""Calls the management API through tencentcloud-sdk-python: a call for each line of standard input, an answer for each.

    sdk.py HOST:PORT SECRET_ID SECRET_KEY POST|GET
"""

import json
import sys

from tencentcloud.apigateway.v20180808 import apigateway_client, models
from tencentcloud.common.common_client import CommonClient
from tencentcloud.common.credential import Credential
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile

endpoint, secret_id, secret_key, method = sys.argv[1:]
credential = Credential(secret_id, secret_key)
profile = ClientProfile(httpProfile=HttpProfile(protocol="http", endpoint=endpoint, reqMethod=method))
gateway = apigateway_client.ApigatewayClient(credential, "ap-guangzhou", profile)
# Terraform's provider asks this service for the tags of services. The SDK of it is another package.
tag = CommonClient("tag", "2018-08-13", credential, "ap-guangzhou", profile)


def call(action, parameters, service):
    if service == "tag":
        return tag.call_json(action, parameters)["Response"]
    request = getattr(models, action + "Request")()
    request.from_json_string(json.dumps(parameters))
    return json.loads(getattr(gateway, action)(request).to_json_string())


for line in sys.stdin:
    asked = json.loads(line)
    try:
        answer = {"answer": call(asked["action"], asked["parameters"], asked["service"])}
    except TencentCloudSDKException as error:
        answer = {"code": error.code, "message": error.message, "request_id": error.requestId}
    print(json.dumps(answer), flush=True)
