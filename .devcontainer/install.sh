#!/bin/sh
# Installs the tools that building and testing need besides the SDK, on Debian and Ubuntu. Run as root.
set -eu
export DEBIAN_FRONTEND=noninteractive
apt-get update
# NativeAOT needs clang and zlib1g-dev. The tests need the systemd packages for the journal, prometheus for promtool, and openssl for certificates.
apt-get install -y --no-install-recommends clang zlib1g-dev libsystemd0 systemd systemd-journal-remote prometheus openssl git
