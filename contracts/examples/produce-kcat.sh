#!/usr/bin/env bash
# Puts one customer message on parley.inbound with kcat.   produce-kcat.sh BROKERS CONVERSATION TEXT [MESSAGE_ID]
set -euo pipefail
brokers=$1 conversation=$2 text=$3 message_id=${4:-$(cat /proc/sys/kernel/random/uuid)}
tenant=${TENANT:-demo} account=${ACCOUNT:-demo-shop}

data=$(printf '{"tenant":"%s","conversation_id":"%s","channel":"web","account":"%s","participant":{"id":"%s"},"message_id":"%s","content":{"type":"text","text":"%s"}}' \
  "$tenant" "$conversation" "$account" "$conversation" "$message_id" "$text")

# The key is <bytes of tenant>:<tenant>:<conversation id>; murmur2 places it where every other producer places it.
printf '%s' "$data" | kcat -P -b "$brokers" -t parley.inbound -X partitioner=murmur2_random \
  -k "${#tenant}:$tenant:$conversation" \
  -H ce_specversion=1.0 -H ce_type=parley.message.v1 -H ce_source=/examples/kcat -H "ce_id=$message_id" \
  -H content-type=application/json
