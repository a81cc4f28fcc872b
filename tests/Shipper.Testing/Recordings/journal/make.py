#!/usr/bin/env python3
"""Creates the recordings in this directory: journal files as systemd-journal-remote writes them from the journal export format
(https://systemd.io/JOURNAL_EXPORT_FORMATS/)."""
import gzip
import os
import random
import struct
import subprocess
import tempfile

REMOTE = "/lib/systemd/systemd-journal-remote"
BOOT = "0123456789abcdef0123456789abcdef"
MACHINE = "00112233445566778899aabbccddeeff"
START = 1_795_000_000_000_000


def export(fields, offset):
    out = f"__REALTIME_TIMESTAMP={START + offset}\n__MONOTONIC_TIMESTAMP={1_000_000 + offset}\n_BOOT_ID={BOOT}\n".encode()
    for name, value in fields:
        value = value if isinstance(value, bytes) else value.encode()
        if any(c < 32 and c != 9 for c in value):
            out += name.encode() + b"\n" + struct.pack("<Q", len(value)) + value + b"\n"
        else:
            out += name.encode() + b"=" + value + b"\n"
    return out + b"\n"


def entry(i, unit, message, priority="6", identifier="kubelet", transport="stdout"):
    fields = [("_TRANSPORT", transport), ("PRIORITY", priority), ("SYSLOG_IDENTIFIER", identifier), ("_PID", str(1000 + i % 7)),
              ("_UID", "0"), ("_COMM", identifier), ("_MACHINE_ID", MACHINE), ("_HOSTNAME", "node-1"), ("MESSAGE", message)]
    return fields + ([("_SYSTEMD_UNIT", unit)] if unit else [])


def plain():
    return b"".join(export(entry(i, "kubelet.service", f"entry {i}"), i * 1000) for i in range(300))


def units():
    """Bursts and single entries of five units, several of them in the same microsecond."""
    choose = random.Random(3)
    entries, offset = [], 0
    for i in range(400):
        unit = choose.choice(["kubelet.service", "containerd.service", "sshd@1-2.service", "session-4.scope", "chrony.service"])
        offset += choose.choice([0, 0, 1, 1000])
        entries.append(export(entry(i, unit, f"entry {i}"), offset))
    return b"".join(entries)


def special():
    entries = [
        entry(0, "kubelet.service", "plain"),
        entry(1, "getty@tty1.service", "two\nlines"),
        entry(2, "session-4.scope", b"binary \x00\x01\xff\xfe end"),
        entry(3, None, "kernel speaks", "4", "kernel", "kernel"),
        entry(4, None, "no unit"),
        [("_TRANSPORT", "journal"), ("_SYSTEMD_UNIT", "silent.service"), ("_PID", "5")],
        entry(6, "run-r0123456789abcdef0123456789abcdef.service", "x" * 5000),
        entry(7, "big.service", random.Random(1).randbytes(3000).hex() + "y" * 300000),
        [("_TRANSPORT", "syslog"), ("SYSLOG_PID", "77"), ("_COMM", "cron"), ("_SYSTEMD_UNIT", "cron.service"), ("PRIORITY", "9"),
         ("MESSAGE", "nonsense priority")],
        entry(9, "empty.service", ""),
        entry(10, "latin.service", b"caf\xe9"),
        [("MESSAGE", "first"), ("MESSAGE", "second"), ("_TRANSPORT", "journal"), ("_SYSTEMD_UNIT", "twice.service")],
    ]
    return b"".join(export(fields, i * 1_000_000) for i, fields in enumerate(entries))


def write(directory, data, compact, keyed, *options):
    path = os.path.join(directory, f"{len(os.listdir(directory))}.journal")
    environment = dict(os.environ, SYSTEMD_JOURNAL_COMPACT=compact, SYSTEMD_JOURNAL_KEYED_HASH=keyed)
    subprocess.run([REMOTE, "-o", path, *options, "-"], input=data, env=environment, check=True)
    with open(path, "rb") as file:
        return file.read()


def keep(name, content):
    with gzip.GzipFile(os.path.join(os.path.dirname(os.path.abspath(__file__)), name + ".journal.gz"), "wb", 9, mtime=0) as file:
        file.write(content)


with tempfile.TemporaryDirectory() as scratch:
    keep("compact-zstd", write(scratch, special(), "1", "1"))
    keep("regular-zstd", write(scratch, special(), "0", "1"))
    keep("old-plain", write(scratch, special(), "0", "0", "--compress=no"))
    entries = write(scratch, plain(), "1", "1")
    keep("entries", entries)
    keep("units", write(scratch, units(), "1", "1"))
    # An incompatible flag that no release of systemd uses yet.
    keep("unknown-flag", entries[:12] + bytes([entries[12] | 0x80]) + entries[13:])
    # Half of the bytes up to the last object.
    keep("truncated", entries[:struct.unpack("<Q", entries[136:144])[0] // 2])
