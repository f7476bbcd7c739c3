"""Morocco has been at +00:00 since 20 September 2026, whatever this machine's zone files believe."""

from __future__ import annotations

import sys
import zoneinfo
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType

import pytest

from bot.zone import StaleZoneData, check_zone_data, use_pinned_zone_data


@pytest.fixture(autouse=True)
def pinned_again() -> Iterator[None]:
    yield
    use_pinned_zone_data()


def casablanca(moment: datetime) -> timedelta | None:
    return moment.replace(tzinfo=zoneinfo.ZoneInfo("Africa/Casablanca")).utcoffset()


def test_the_pinned_package_knows_the_change_of_september_2026() -> None:
    use_pinned_zone_data()
    assert casablanca(datetime(2026, 9, 19, 12, tzinfo=UTC)) == timedelta(hours=1)
    assert [
        casablanca(datetime(year, month, 1, 12, tzinfo=UTC))
        for year, month in ((2026, 12), (2027, 2), (2027, 7), (2030, 8))
    ] == [timedelta(0)] * 4


def test_zone_files_of_the_machine_are_not_read(tmp_path: Path) -> None:
    (tmp_path / "Africa").mkdir()
    (tmp_path / "Africa" / "Casablanca").write_bytes(_file_of("Europe/Paris"))
    zoneinfo.reset_tzpath([tmp_path])
    zoneinfo.ZoneInfo.clear_cache()
    assert casablanca(datetime(2026, 12, 1, tzinfo=UTC)) == timedelta(hours=1), "this machine is wrong"
    use_pinned_zone_data()
    assert casablanca(datetime(2026, 12, 1, tzinfo=UTC)) == timedelta(0)


def test_stale_data_are_refused_with_the_mend(tmp_path: Path) -> None:
    (tmp_path / "Africa").mkdir()
    (tmp_path / "Africa" / "Casablanca").write_bytes(_file_of("Europe/Paris"))
    zoneinfo.reset_tzpath([tmp_path])
    zoneinfo.ZoneInfo.clear_cache()
    with pytest.raises(StaleZoneData, match=r"install tzdata 2026\.3 or newer"):
        check_zone_data()


def test_no_data_at_all_are_refused_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tzdata", ModuleType("tzdata"))
    for name in [name for name in sys.modules if name.startswith("tzdata.")]:
        monkeypatch.delitem(sys.modules, name)
    with pytest.raises(StaleZoneData):
        use_pinned_zone_data()


def _file_of(zone: str) -> bytes:
    """Another zone's data, under the wrong name: what a stale file looks like to us."""
    from importlib.resources import files

    return files("tzdata.zoneinfo").joinpath(*zone.split("/")).read_bytes()
