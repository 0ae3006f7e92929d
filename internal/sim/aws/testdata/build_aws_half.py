"""Builds the AWS half of a link with boto3, a client that nobody here wrote.

Usage: build_aws_half.py ENDPOINT. Prints what it made and read as JSON.
"""

import json
import sys
import time

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

ENDPOINT = sys.argv[1]
REGION = "ap-northeast-1"
# With a cloud that runs thousands of times as fast as life, a tenth of a
# second is several minutes.
POLL = 0.1
LIMIT = 30.0

config = Config(region_name=REGION, retries={"max_attempts": 3, "mode": "standard"})
ec2 = boto3.client("ec2", endpoint_url=ENDPOINT, config=config)
sts = boto3.client("sts", endpoint_url=ENDPOINT, config=config)


def wait(what, read, wanted):
    end = time.monotonic() + LIMIT
    while True:
        state = read()
        if state == wanted:
            return
        if time.monotonic() > end:
            sys.exit(f"{what} is still {state}, not {wanted}")
        time.sleep(POLL)


def tags(kind, name):
    return [{"ResourceType": kind, "Tags": [{"Key": "Name", "Value": name}]}]


def pages(operation, key, **arguments):
    found = []
    for page in ec2.get_paginator(operation).paginate(PaginationConfig={"PageSize": 5}, **arguments):
        found += page[key]
    return found


def eventually(call):
    """Repeats a call while EC2 has not heard of what was just made."""
    end = time.monotonic() + LIMIT
    while True:
        try:
            return call()
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if "NotFound" not in code or time.monotonic() > end:
                raise
            time.sleep(POLL)


account = sts.get_caller_identity()["Account"]

gateway = ec2.create_transit_gateway(
    Description="hub", Options={"AmazonSideAsn": 64512}, TagSpecifications=tags("transit-gateway", "hub")
)["TransitGateway"]
gateway_id = gateway["TransitGatewayId"]
customer_id = ec2.create_customer_gateway(
    Type="ipsec.1", PublicIp="20.40.60.80", BgpAsn=65515, DeviceName="link-0",
    TagSpecifications=tags("customer-gateway", "link-0"),
)["CustomerGateway"]["CustomerGatewayId"]
again_id = ec2.create_customer_gateway(
    Type="ipsec.1", PublicIp="20.40.60.80", BgpAsn=65515, DeviceName="link-0"
)["CustomerGateway"]["CustomerGatewayId"]
wait("the transit gateway", lambda: eventually(
    lambda: ec2.describe_transit_gateways(TransitGatewayIds=[gateway_id]))["TransitGateways"][0]["State"], "available")
eventually(lambda: ec2.describe_customer_gateways(CustomerGatewayIds=[customer_id]))
ec2.get_waiter("customer_gateway_available").wait(
    CustomerGatewayIds=[customer_id], WaiterConfig={"Delay": 1, "MaxAttempts": 30})

vpcs = sorted(pages("describe_vpcs", "Vpcs"), key=lambda v: v["VpcId"])
attachments = []
for vpc in vpcs:
    subnets = ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpc["VpcId"]]}])["Subnets"]
    attachment = ec2.create_transit_gateway_vpc_attachment(
        TransitGatewayId=gateway_id, VpcId=vpc["VpcId"], SubnetIds=[subnets[0]["SubnetId"]],
        TagSpecifications=tags("transit-gateway-attachment", vpc["VpcId"]),
    )["TransitGatewayVpcAttachment"]
    attachments.append(attachment["TransitGatewayAttachmentId"])

connection = ec2.create_vpn_connection(
    Type="ipsec.1", CustomerGatewayId=customer_id, TransitGatewayId=gateway_id,
    Options={
        "StaticRoutesOnly": True,
        "TunnelOptions": [
            {
                "TunnelInsideCidr": f"169.254.21.{4 * number}/30", "PreSharedKey": f"boto3.Key_{number}23456",
                "IKEVersions": [{"Value": "ikev2"}], "StartupAction": "start", "DPDTimeoutAction": "restart",
                "Phase1EncryptionAlgorithms": [{"Value": "AES256"}], "Phase1IntegrityAlgorithms": [{"Value": "SHA2-256"}],
                "Phase1DHGroupNumbers": [{"Value": 14}], "Phase1LifetimeSeconds": 28800,
                "Phase2EncryptionAlgorithms": [{"Value": "AES256-GCM-16"}], "Phase2IntegrityAlgorithms": [{"Value": "SHA2-256"}],
                "Phase2DHGroupNumbers": [{"Value": 14}], "Phase2LifetimeSeconds": 3600,
            }
            for number in range(2)
        ],
    },
    TagSpecifications=tags("vpn-connection", "link-0"),
)["VpnConnection"]
connection_id = connection["VpnConnectionId"]
eventually(lambda: ec2.describe_vpn_connections(VpnConnectionIds=[connection_id]))
ec2.get_waiter("vpn_connection_available").wait(
    VpnConnectionIds=[connection_id], WaiterConfig={"Delay": 1, "MaxAttempts": 30})

for attachment in attachments:
    wait("the attachment " + attachment, lambda: ec2.describe_transit_gateway_vpc_attachments(
        TransitGatewayAttachmentIds=[attachment])["TransitGatewayVpcAttachments"][0]["State"], "available")

tables = ec2.describe_transit_gateway_route_tables(
    Filters=[{"Name": "transit-gateway-id", "Values": [gateway_id]}])["TransitGatewayRouteTables"]
table = tables[0]["TransitGatewayRouteTableId"]
wait("the associations", lambda: sorted(a["State"] for a in pages(
    "get_transit_gateway_route_table_associations", "Associations", TransitGatewayRouteTableId=table)), ["associated"] * 3)
vpn_attachment = ec2.describe_transit_gateway_attachments(
    Filters=[{"Name": "resource-type", "Values": ["vpn"]}])["TransitGatewayAttachments"][0]["TransitGatewayAttachmentId"]
ec2.create_tags(Resources=[vpn_attachment], Tags=[{"Key": "Name", "Value": "link-0"}])
for prefix in ("10.1.0.0/16", "10.2.0.0/16"):
    ec2.create_transit_gateway_route(
        DestinationCidrBlock=prefix, TransitGatewayRouteTableId=table, TransitGatewayAttachmentId=vpn_attachment)
    for vpc in vpcs:
        vpc_table = ec2.describe_route_tables(
            Filters=[{"Name": "vpc-id", "Values": [vpc["VpcId"]]}])["RouteTables"][0]["RouteTableId"]
        eventually(lambda: ec2.create_route(
            RouteTableId=vpc_table, DestinationCidrBlock=prefix, TransitGatewayId=gateway_id))
wait("the routes", lambda: [r["State"] for r in ec2.search_transit_gateway_routes(
    TransitGatewayRouteTableId=table, Filters=[{"Name": "type", "Values": ["static"]}])["Routes"]], ["active"] * 2)

refusals = {}
for name, call in {
    "missing": lambda: ec2.describe_transit_gateways(TransitGatewayIds=["tgw-00000000000000000"]),
    "malformed": lambda: ec2.describe_transit_gateways(TransitGatewayIds=["tgw-nonsense"]),
    "twice": lambda: ec2.create_transit_gateway_route(
        DestinationCidrBlock="10.1.0.0/16", TransitGatewayRouteTableId=table, TransitGatewayAttachmentId=vpn_attachment),
    "dry": lambda: ec2.delete_transit_gateway(TransitGatewayId=gateway_id, DryRun=True),
}.items():
    try:
        call()
        refusals[name] = ""
    except ClientError as error:
        refusals[name] = error.response["Error"]["Code"]

final = ec2.describe_vpn_connections(VpnConnectionIds=[connection_id])["VpnConnections"][0]
print(json.dumps({
    "account": account,
    "gateway": gateway_id,
    "customer": customer_id,
    "again": again_id,
    "connection": connection_id,
    "attachments": sorted(a["TransitGatewayAttachmentId"] for a in pages(
        "describe_transit_gateway_attachments", "TransitGatewayAttachments")),
    "routes": [r["DestinationCidrBlock"] for r in ec2.search_transit_gateway_routes(
        TransitGatewayRouteTableId=table, Filters=[{"Name": "type", "Values": ["static", "propagated"]}])["Routes"]],
    "state": final["State"],
    "tunnels": [t["TunnelInsideCidr"] for t in final["Options"]["TunnelOptions"]],
    "groups": [t["Phase1DHGroupNumbers"][0]["Value"] for t in final["Options"]["TunnelOptions"]],
    "telemetry": [t["Status"] for t in final["VgwTelemetry"]],
    "document": "NoBGPVPNConnection" in final["CustomerGatewayConfiguration"],
    "refusals": refusals,
    "zones": len(ec2.describe_availability_zones()["AvailabilityZones"]),
    "groupRules": len(pages("describe_security_group_rules", "SecurityGroupRules")),
    "instances": len(pages("describe_instances", "Reservations")),
    "tags": sorted({t["Value"] for t in pages("describe_tags", "Tags", Filters=[{"Name": "key", "Values": ["Name"]}])}),
}))
