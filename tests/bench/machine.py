"""What this machine is, how its disk answers, and how busy it is: a figure without these says little."""

import os
import platform
import statistics
import subprocess
import time


def facts(work):
    """Lines for the head of a report."""
    model = first_value("/proc/cpuinfo", "model name") or platform.processor()
    memory = int(first_value("/proc/meminfo", "MemTotal").split()[0]) / 1024**2
    filesystem = said("findmnt", "-no", "FSTYPE,SOURCE", "--target", work)
    return [
        f"machine     {os.cpu_count()} CPUs ({model}), {memory:.0f} GiB, Linux {platform.release()}",
        f"disk        {filesystem}; fdatasync of 4 KiB: {fdatasync_ms(work):.2f} ms (median of 200)",
        f"load        {load()} before the first run",
        f"versions    {said('rustc', '--version')}; Python {platform.python_version()}",
    ]


def load():
    return " ".join(f"{value:.1f}" for value in os.getloadavg())


def first_value(path, key):
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            name, _, value = line.partition(":")
            if name.strip() == key:
                return value.strip()
    return ""


def said(*command):
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
    except OSError:
        return "?"


def fdatasync_ms(folder):
    """How long the disk takes to promise a small append, as every durable commit asks of it."""
    path = os.path.join(folder, "fdatasync.probe")
    descriptor = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
    took = []
    try:
        for _ in range(200):
            begin = time.perf_counter()
            os.write(descriptor, b"x" * 4096)
            os.fdatasync(descriptor)
            took.append((time.perf_counter() - begin) * 1000)
    finally:
        os.close(descriptor)
        os.unlink(path)
    return statistics.median(took)


def resident_mib(pid):
    """Memory that the process holds in RAM now."""
    return int(first_value(f"/proc/{pid}/status", "VmRSS").split()[0]) / 1024


def peak_mib(pid):
    return int(first_value(f"/proc/{pid}/status", "VmHWM").split()[0]) / 1024


def cpu_seconds(pid):
    """User and system time of a process so far, its waited-for children included."""
    with open(f"/proc/{pid}/stat", encoding="utf-8") as stat:
        fields = stat.read().rpartition(")")[2].split()
    return sum(int(ticks) for ticks in fields[11:15]) / os.sysconf("SC_CLK_TCK")
