#!/bin/sh
# What building and testing need beside the SDK, on Debian and Ubuntu. Run as root.
set -eu
export DEBIAN_FRONTEND=noninteractive
apt-get update
# For NativeAOT; for the journal; promtool, for the alert rules; for the hub's certificates.
apt-get install -y --no-install-recommends clang zlib1g-dev libsystemd0 systemd systemd-journal-remote prometheus openssl git
