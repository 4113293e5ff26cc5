"""What recorded ads of jobs and stagings add up to. The ads are a mini-pool's, HTCondor 25.14."""

from __future__ import annotations

from typing import Any

import classad2
import pytest

from osgrepro.pool.condor import Plugin, Sent
from osgrepro.pool.condor.accounting import UNKNOWN, Account

IMAGE = 20_754_432

STAGED_IMAGE = """[ ClusterId = 1; RemoteHost = "data1_2@threads8@vm";
    CedarSizeBytes = 20754432; CedarFilesCount = 1 ]"""
STAGED_INPUTS = """[ ClusterId = 1; RemoteHost = "data1_2@threads8@vm";
    CedarSizeBytes = 3614; CedarFilesCount = 2 ]"""
STAGED_BY_PLUGIN = """[ ClusterId = 5; RemoteHost = "data1_2@threads8@vm"; TransferCommonStats =
    [ Protocols = "FILE"; FILESizeBytes = 20754432; CedarSizeBytes = 33; FILEFilesCount = 1 ] ]"""
STAGED_BOTH_WAYS = """[ ClusterId = 5; RemoteHost = "data1_2@threads4@vm"; TransferCommonStats =
    [ Protocols = "cedar,FILE"; FILESizeBytes = 33; CedarSizeBytes = 3614; FILEFilesCount = 1;
      CedarFilesCount = 2 ] ]"""
FED = """[ ProcId = 5; BytesSent = 8.718E+03; ClusterId = 1; JobStatus = 4; BytesRecvd = 0.0;
    LastRemoteHost = "slot1_1@threads8@vm"; ContainerIsCommon = true; TransferInputStats = [ ];
    TransferOutputStats = [ CedarSizeBytesTotal = 8718; CedarFilesCountTotal = 5;
      CedarSizeBytesLastRun = 8718; CedarFilesCountLastRun = 5 ] ]"""
CARRIED = """[ ProcId = 17; BytesSent = 9.041E+03; ClusterId = 3; JobStatus = 4;
    BytesRecvd = 2.0758046E+07; LastRemoteHost = "slot1_1@threads8@vm"; ContainerIsCommon = false;
    TransferInputStats = [ CedarSizeBytesTotal = 20758046; CedarFilesCountTotal = 3;
      CedarSizeBytesLastRun = 20758046; CedarFilesCountLastRun = 3; ContainerDurationTotal = 0 ];
    TransferOutputStats = [ CedarSizeBytesTotal = 9041; CedarFilesCountTotal = 5 ] ]"""
FETCHED = """[ ProcId = 11; BytesSent = 9.194E+03; ClusterId = 6; JobStatus = 4;
    BytesRecvd = 2.0758145E+07; LastRemoteHost = "slot1_1@threads4@vm"; ContainerIsCommon = false;
    TransferInputStats = [ FILESizeBytesTotal = 20754465; CedarSizeBytesTotal = 3614;
      FILEFilesCountTotal = 2; CedarFilesCountTotal = 2; FILESizeBytesLastRun = 20754465 ];
    TransferOutputStats = [ CedarSizeBytesTotal = 9194; CedarFilesCountTotal = 5 ] ]"""


def ad(text: str, **changes: Any) -> Any:
    made = classad2.ClassAd(text)
    for name, value in changes.items():
        made[name] = value
    return made


def account(jobs: int = 1, *told: str, recorded: bool = True) -> Account:
    made = Account(Sent(cluster=1, batch="b1", jobs=jobs))
    for text in told:
        made.job(ad(text))
    if recorded:
        made.recorded_stagings()
    return made


def test_a_staging_is_counted_apart_from_what_jobs_receive() -> None:
    made = account(1, FED)
    for text in (STAGED_IMAGE, STAGED_INPUTS):
        made.staging(ad(text))
    found = made.result()
    assert (found.stagings, found.staged_bytes) == (2, IMAGE + 3614)
    assert (found.received_bytes, found.sent_bytes) == (0, 8718)
    assert (found.eps, found.repeated, found.unrecorded_eps) == (1, 0, 0)


def test_the_same_files_staged_twice_on_one_execution_point_are_told_of() -> None:
    made = account(1, FED)
    for text in (STAGED_IMAGE, STAGED_INPUTS, STAGED_IMAGE):
        made.staging(ad(text))
    assert made.result().repeated == 1


def test_the_same_files_staged_on_two_execution_points_are_no_repetition() -> None:
    made = account(1, FED)
    made.staging(ad(STAGED_IMAGE))
    made.staging(ad(STAGED_IMAGE, RemoteHost="data1_2@threads4@vm"))
    found = made.result()
    assert (found.eps, found.stagings, found.repeated) == (2, 2, 0)


def test_jobs_that_carry_the_image_themselves_receive_it() -> None:
    found = account(1, CARRIED).result()
    assert (found.stagings, found.staged_bytes, found.received_bytes) == (0, 0, 20_758_046)


def test_bytes_are_told_by_the_way_that_they_went() -> None:
    made = account(1, FETCHED)
    made.staging(ad(STAGED_BY_PLUGIN))
    made.staging(ad(STAGED_BOTH_WAYS))
    assert made.result().plugins == {
        "cedar": Plugin(staged_bytes=3614, received_bytes=3614, sent_bytes=9194),
        "file": Plugin(staged_bytes=IMAGE + 33, received_bytes=20_754_465),
    }


def test_bytes_whose_way_nothing_tells_of_count_all_the_same() -> None:
    made = account()
    made.job(ad("[ ProcId = 0; JobStatus = 4; BytesRecvd = 7.0; BytesSent = 5.0 ]"))
    assert made.result().plugins == {UNKNOWN: Plugin(received_bytes=7, sent_bytes=5)}


def test_a_job_that_has_not_run_moved_nothing() -> None:
    made = account()
    made.job(ad("[ ProcId = 0; JobStatus = 1; ContainerIsCommon = true ]"))
    found = made.result()
    assert (found.eps, found.plugins, found.unrecorded_jobs) == (0, {}, 0)


def test_a_job_that_moved_on_was_on_each_of_its_execution_points() -> None:
    made = account()
    made.job(
        ad(
            CARRIED,
            RemoteHost="slot1_1@host@vm",
            MachineAttrName1="slot1_1@threads4@vm",
            MachineAttrName2="slot2_3@threads4@vm",
        )
    )
    assert made.result().eps == 3


def test_an_access_point_that_records_no_stagings_does_not_say_none() -> None:
    found = account(1, FED, recorded=False).result()
    assert (found.stagings, found.staged_bytes) == (None, None)
    assert found.plugins == {"cedar": Plugin(staged_bytes=None, sent_bytes=8718)}


def test_stagings_that_must_have_been_and_are_no_longer_recorded_are_not_said_to_be_none() -> None:
    found = account(1, FED).result()
    assert (found.stagings, found.unrecorded_eps) == (None, 1)


@pytest.mark.parametrize("told", [(FED, CARRIED), (CARRIED, FED)])
def test_one_job_that_was_fed_is_enough_to_miss_its_staging(told: tuple[str, str]) -> None:
    found = account(2, *told).result()
    assert (found.stagings, found.staged_bytes, found.unrecorded_eps) == (None, None, 1)


def test_a_staging_that_is_missing_among_others_is_told_of() -> None:
    made = account(2, FED)
    made.job(ad(FED, LastRemoteHost="slot1_1@host@vm"))
    made.staging(ad(STAGED_IMAGE))
    found = made.result()
    assert (found.stagings, found.unrecorded_eps) == (1, 1)


@pytest.mark.parametrize(
    "changes",
    [
        {"JobStatus": 3},  # removed, maybe before its files were there
        {"TransferInputStats": classad2.ClassAd("[CedarSizeBytesTotal=5; CedarFilesCountTotal=1]")},
    ],
)
def test_no_staging_is_missed_where_none_need_have_been(changes: dict[str, Any]) -> None:
    made = account()
    made.job(ad(FED, **changes))
    assert made.result().unrecorded_eps == 0


def test_jobs_without_any_record_are_counted() -> None:
    assert account(5, CARRIED).result().unrecorded_jobs == 4


def test_rows_that_are_not_jobs_yet_are_not_missed() -> None:
    made = account(5, CARRIED)
    made.rows_to_come(ad("[ ClusterId = 1; JobMaterializeNextProcId = 2; JobStatus = 1 ]"))
    assert made.result().unrecorded_jobs == 1
