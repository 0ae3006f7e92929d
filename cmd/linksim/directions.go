package main

// directions say how to point other clients at the simulator. No client needs
// a real account: every credential is taken, but there has to be one.
const directions = `linksim: both clouds are at ENDPOINT

linkd      export LINKD_SIMULATOR=ENDPOINT
           or in the desired-state file, azure.endpoint and aws.endpoint
AWS CLI    export AWS_ACCESS_KEY_ID=sim AWS_SECRET_ACCESS_KEY=sim AWS_DEFAULT_REGION=ap-northeast-1
           aws --endpoint-url ENDPOINT ec2 describe-vpcs
boto3      boto3.client("ec2", endpoint_url="ENDPOINT")
Terraform  provider "aws" { endpoints { ec2 = "ENDPOINT", sts = "ENDPOINT" } }
az         az rest --skip-authorization-header --headers Authorization="Bearer sim" \
             --url "ENDPOINT/subscriptions/11111111-2222-3333-4444-555555555555/providers/Microsoft.Network/virtualNetworks?api-version=2025-05-01"

To look:
curl ENDPOINT/_sim/tunnels    every tunnel, and why it is not up
curl ENDPOINT/_sim/echo       an echo between every two machines, hop by hop
curl ENDPOINT/_sim/state      everything that exists

To break something: a fault in the way to a cloud, and a change behind linkd's back. The state has the names.
curl -d '{"operation":"PUT *","effect":"drop","count":1}' ENDPOINT/_sim/faults
curl -d '{"cloud":"aws","kind":"route-table","name":"rtb-…","op":"remove","field":"Routes","value":"10.1.0.0/16"}' ENDPOINT/_sim/mutate

Packets cross what stands, with the latency, loss and sizes of the way; times are in nanoseconds, and the clock's scale leaves them alone:
curl -d '[{"from":"10.1.0.4","to":"172.20.0.10","size":1401,"dont_fragment":true}]' ENDPOINT/_sim/carry
curl -X PUT -d '[{"kind":"tunnel","toward":"aws","loss":0.1,"latency_ns":40000000}]' ENDPOINT/_sim/conditions
curl -X DELETE ENDPOINT/_sim/conditions
`
