"""Works in another account by a role, with boto3, a client that nobody here wrote.

Usage: assume_role.py ENDPOINT ROLE. Prints what it read as JSON.
"""

import json
import sys
from datetime import datetime, timezone

import boto3
from botocore.exceptions import ClientError

ENDPOINT, ROLE = sys.argv[1:]
REGION = "ap-northeast-1"
sts = boto3.client("sts", endpoint_url=ENDPOINT, region_name=REGION)
given = sts.assume_role(RoleArn=ROLE, RoleSessionName="boto")
credentials = given["Credentials"]


def session(token):
    return boto3.Session(
        aws_access_key_id=credentials["AccessKeyId"], aws_secret_access_key=credentials["SecretAccessKey"],
        aws_session_token=token, region_name=REGION)


def code(call):
    try:
        call()
        return ""
    except ClientError as error:
        return error.response["Error"]["Code"]


there = session(credentials["SessionToken"])
print(json.dumps({
    "arn": given["AssumedRoleUser"]["Arn"],
    "minutes": round((credentials["Expiration"] - datetime.now(timezone.utc)).total_seconds() / 60) > 0,
    "account": there.client("sts", endpoint_url=ENDPOINT).get_caller_identity()["Account"],
    "vpcs": [v["VpcId"] for v in there.client("ec2", endpoint_url=ENDPOINT).describe_vpcs()["Vpcs"]],
    "refusals": {
        "role": code(lambda: sts.assume_role(RoleArn=ROLE + "-not", RoleSessionName="boto")),
        "token": code(lambda: session("wrong").client("ec2", endpoint_url=ENDPOINT).describe_vpcs()),
        "command": code(lambda: session("wrong").client("ssm", endpoint_url=ENDPOINT).describe_instance_information()),
    },
}))
