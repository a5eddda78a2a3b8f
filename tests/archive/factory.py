"""Fictional reports, and an extractor that reads them from JSON."""

import errno
import os
import signal
import sys
import threading
import time
from pathlib import Path

from parsers import forms
from parsers.document import Place
from parsers.extract import Origin, Refusal
from parsers.report import Reading, Report, Section


def reading(number, **more):
    return Reading("number", str(number), number, place=Place(table=2, row=3, column=4), **more)


def blank():
    return Reading("blank")


def sound_report(organ="云溪县民政局", year=2024, **changes):
    """A report of edition 2021 in which everything adds up; ``changes`` set its attributes."""
    requests = {
        row: {column: reading(0) for column in forms.APPLICANTS} for row in forms.editions()["2021"].request_rows()
    }
    for row, count in {"new": 5, "carried_in": 1, "granted": 4, "handled_total": 4, "carried_out": 2}.items():
        requests[row]["natural_person"] = reading(count)
        requests[row]["total"] = reading(count)
    report = Report(
        organ=organ,
        year=year,
        title=f"{organ}{year}年政府信息公开工作年度报告",
        scope="organ",
        edition="2021",
        disclosures_edition="2021",
        requests_edition="2021",
        status="complete",
        sections=[
            Section(1, "一、总体情况", "本机关推进信访事项公开。"),
            Section(5, "五、存在的主要问题及改进情况", "公开内容不够及时，今后将改进。"),
        ],
        disclosures={
            "normative_documents": {"issued": reading(3), "repealed": reading(0), "in_force": reading(7)},
            "administrative_fees": {"amount": Reading("number", "12.5", 12.5, unit="万元")},
        },
        requests=requests,
        reviews={proceeding: {outcome: reading(0) for outcome in forms.OUTCOMES} for proceeding in forms.PROCEEDINGS},
    )
    for name, value in changes.items():
        setattr(report, name, value)
    return report


def with_new_total(report, number):
    """Set the total of new requests, as a silent edit would."""
    report.requests["new"]["total"] = reading(number)
    return report


def payload_of(report, counter=0):
    """A file from which :func:`read` restores ``report``; ``counter`` changes bytes, not content."""
    return f"<html>{counter}\n{report.to_json()}".encode()


class PanicError(BaseException):
    """What native code raises when it gives up: no Exception, as of libraries written in Rust."""


def read(payload: bytes, origin: Origin) -> Report | Refusal:
    text = payload.decode()
    if text.startswith("ABORT"):
        os.abort()
    if text.startswith("TERMINATE"):
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(5)
    if text.startswith("HANG"):
        time.sleep(60)
    if text.startswith("SPIN"):
        while True:
            pass
    if text.startswith("KILL COMMAND"):
        os.kill(int(Path(text.split()[2]).read_text()), signal.SIGKILL)
        time.sleep(5)
    if text.startswith("END LATER"):
        threading.Timer(0.2, os._exit, (1,)).start()
    if text.startswith("BOMB"):
        return len(bytearray(8 * 2**30))
    if text.startswith("FULL DISK"):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "page.html")
    if text.startswith("KILLED "):
        # As by a system that is out of memory, until there are as many marks as the text says.
        _, most, folder, rest = text.split(" ", 3)
        killed = len(list(Path(folder).iterdir()))
        if killed < int(most):
            (Path(folder) / str(killed)).touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return read(rest.encode(), origin)
    if text.startswith("RAISE"):
        raise ValueError("no table\nat all")
    if text.startswith("GIVE UP"):
        sys.exit(2)
    if text.startswith("PANIC"):
        raise PanicError("index out of bounds")
    if text.startswith("SURROGATE"):
        return sound_report(title="\ud800")
    if not text.startswith("<html>"):
        return Refusal("not_a_report", f"trusted={origin.trusted} title={origin.title}")
    return Report.from_json(text.partition("\n")[2])


def read_slowly(payload: bytes, origin: Origin) -> Report | Refusal:
    time.sleep(0.05)
    return read(payload, origin)


def read_in_vain(payload: bytes, origin: Origin) -> Report | Refusal:
    sys.exit("this document was read before")


def read_scans(payload: bytes, origin: Origin) -> Report | Refusal:
    """Read without a recogniser: what begins with SCAN is a picture."""
    return Refusal("scanned", "a picture") if payload.startswith(b"SCAN") else read(payload, origin)


def recognise_scans(payload: bytes, origin: Origin) -> Report | Refusal:
    """Read with a recogniser, which only pictures may reach."""
    if not payload.startswith(b"SCAN"):
        sys.exit("this document is no picture")
    return Refusal("scanned", "illegible") if payload.startswith(b"SCANT") else sound_report()
