"""An app whose toasts are few: what is under one is in view for nobody, and so is not read."""

from collections.abc import Callable

from textual.app import App
from textual.notifications import Notification, SeverityLevel


class ToastingApp(App[None]):
    """The app as far as it shows sentences for a while."""

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = True,
    ) -> None:
        """Show a toast. One that says the same goes."""
        self.end_toasts(lambda each: (each.title, each.message) == (title, message))
        super().notify(message, title=title, severity=severity, timeout=timeout, markup=markup)

    def end_toasts(self, ends: Callable[[Notification], bool]) -> None:
        """Take away those of which this is true."""
        for each in [each for each in self._notifications if ends(each)]:
            self._unnotify(each)
