"""What every submission of a campaign says, whatever its image and resource shape."""

from __future__ import annotations

from osgrepro.common.models import Campaign, Json
from osgrepro.runs.render import extra, guard

COLUMNS = ("run_id", "shard", "experiment", "hardware", "seed", "repeat")
PAYLOAD_NAME = "payload.pyz"
SPEC_NAME = "spec.json"
RESULT_NAME = "result.json"

# The program's own exit codes; with any other it did not begin, or was killed.
EXIT_CODES = (0, 10, 20, 30, 40)
# After these no other machine is tried, but for a training that failed (the first) at once.
FINAL_CODES = (10, 20, 40)
# A training that fails so soon may have met a broken slot; for so long it waits for another one.
_QUICK_S, _QUICK_PATIENCE_S = 120, 3600
# Why osgrepro's own policies hold a job: whoever reads a HoldReason knows them by these words.
NOT_BEGUN = "osgrepro: the program did not begin"
KILLED = "osgrepro: the program was killed"
TEN_SLOTS = "osgrepro: ten slots could not start it"
NO_CONTAINER = "osgrepro: its container could not be started"
BRAKED = "osgrepro: everything fails"
# The HoldReasonSubCode of what the brake holds; people's own holds have 0.
BRAKED_SUBCODE = 5
# Which of the two it was: a shell's and a container's exit codes above 128 stand for signals.
_BEGUN_REASON = (
    f'strcat(ifThenElse((ExitCode ?: 255) > 128, "{KILLED}", "{NOT_BEGUN}"), '
    '" (exit code ", ExitCode ?: "unknown", ")")'
)
# The collector reads no result above 50 MB; with a little more nothing honest is cut off.
_RESULT_MB = 64

# What is recorded of the machine beside what the job itself sees there.
MACHINE_ATTRIBUTES = (
    "Name",
    "Machine",
    "Cpus",
    "TotalCpus",
    "DetectedCpus",
    "Memory",
    "CpuFamily",
    "CpuModelNumber",
    "Microarch",
    "has_avx2",
    "has_avx512f",
    "OSGVO_CPU_MODEL",
    "GLIDEIN_Site",
    "GLIDEIN_ResourceName",
    "OpSysAndVer",
    "CondorVersion",
    "GPUs_Capability",
    "GPUs_DeviceName",
    "GPUs_DriverVersion",
    "GPUs_GlobalMemoryMb",
    "HasSIF",
    "OsgreproEP",
    "OsgreproEmulated",
    "OsgreproEmulation",
    "OsgreproThreads",
    "OsgreproSimulatedGpu",
)

# OSPool's categories end at 10 and 20 hours; without one, no run goes on for ever all the same.
_EXECUTE_S = {None: 259_200, "Medium": 36_000, "Long": 72_000}


def _execute_s(campaign: Campaign) -> int:
    """Return how long a run of a campaign may execute."""
    options = campaign.submit
    return options.allowed_execute_duration_s or _EXECUTE_S[options.duration]


def _category(campaign: Campaign, execute_s: int | None) -> str | None:
    """Return OSPool's category, the longer one for runs that may take longer than theirs."""
    category = campaign.submit.duration
    return "Long" if category and (execute_s or 0) > _EXECUTE_S["Medium"] else category


def _priority(campaign: Campaign) -> int:
    """Return the priority of a campaign's jobs among those of its user: 0 if it says nothing."""
    said = (line.partition("=") for line in extra.lines(campaign.submit.extra))
    return next((int(value) for name, _, value in said if name.strip().lower() == "priority"), 0)


def values(campaign: Campaign, matched: bool, execute_s: int | None = None) -> Json:
    """Return what is the same for every submission of a campaign, or for all that are matched.

    ``execute_s`` is how long the runs of this one may execute, where that is more.
    """
    options = campaign.submit
    return {
        "campaign": guard.name(campaign.name, "campaign.name"),
        "project": guard.name(options.project, "submit.project") if options.project else None,
        "duration": _category(campaign, execute_s),
        "execute_s": max(_execute_s(campaign), execute_s or 0),
        "max_retries": options.max_retries,
        "max_idle": options.max_idle,
        "max_materialize": options.max_materialize,
        "extra": extra.lines(options.extra),
        "machine_attributes": MACHINE_ATTRIBUTES,
        "columns": COLUMNS,
        "priority": None if matched else _priority(campaign) - 1,
        "result": RESULT_NAME,
        "result_mb": _RESULT_MB,
        "exit_codes": EXIT_CODES,
        "final_codes": FINAL_CODES,
        "training_failed": FINAL_CODES[0],
        "quick_s": _QUICK_S,
        "quick_patience_s": _QUICK_PATIENCE_S,
        "retry_memory_mb": options.retry_request_memory_mb or 0,
        "begun_reason": _BEGUN_REASON,
        "ten_slots": TEN_SLOTS,
        "no_container": NO_CONTAINER,
        "payload": PAYLOAD_NAME,
        "spec": SPEC_NAME,
    }
