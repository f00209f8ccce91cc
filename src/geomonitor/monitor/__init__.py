"""The main job: from a profile to an edition."""

from geomonitor.monitor.profile import Profile, load_profile
from geomonitor.monitor.run import make_edition, planned_edition_id

__all__ = ["Profile", "load_profile", "make_edition", "planned_edition_id"]
