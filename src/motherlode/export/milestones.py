"""A campaign as a calendar: launch windows, departures, arrivals and deliveries of its missions."""

from motherlode import epochs
from motherlode.campaign.answer import Campaign
from motherlode.export import calendar
from motherlode.export.calendar import Event
from motherlode.units import DAY

WINDOW_D = 20.0  # shown on either side of the best date


def events(campaign: Campaign) -> list[Event]:
    """Events of a campaign by date: windows of some weeks, milestones of a day."""
    found = [
        Event(
            f"Launch window {w.origin} to {w.target}",
            w.depart_tdb - WINDOW_D * DAY,
            w.depart_tdb + WINDOW_D * DAY,
            f"best {epochs.iso(w.depart_tdb)}, C3 {w.c3_km2_s2:.2f} km2/s2, arrives {epochs.iso(w.arrive_tdb)}",
        )
        for w in campaign.launch_windows
    ]
    for who, plan in campaign.plans:
        owner = "" if who == "all" else f" ({who})"
        for row in plan.chosen:
            for what, when in (("departs", row.depart_tdb), ("arrives", row.arrive_tdb), ("ends", row.end_tdb)):
                details = f"{row.craft}, {row.delta_v_km_s:.2f} km/s, {row.lift_kg / 1e3:,.0f} t lifted"
                found.append(Event(f"{row.project} {what}{owner}", when, when + DAY, details))
    return sorted(found, key=lambda e: (e.start_tdb, e.title))


def text(campaign: Campaign) -> str:
    """The calendar of a campaign, RFC 5545; stamped with its first day: the same study gives the same bytes."""
    name = campaign.settings.title or "campaign"
    return calendar.text(events(campaign), stamp_tdb=campaign.settings.first_tdb, name=name)
