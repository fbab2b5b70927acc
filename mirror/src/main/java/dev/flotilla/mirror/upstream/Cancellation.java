package dev.flotilla.mirror.upstream;

import java.util.ArrayList;
import java.util.List;

/** Ends an exchange from outside, whatever it is doing at that moment. Safe for use from any thread. */
final class Cancellation {
    private final List<Runnable> actions = new ArrayList<>();
    private boolean cancelled;

    /** Has {@code action} run when it is cancelled; at once if it already was. */
    void onCancel(Runnable action) {
        synchronized (this) {
            if (!cancelled) {
                actions.add(action);
                return;
            }
        }
        action.run();
    }

    void cancel() {
        List<Runnable> due;
        synchronized (this) {
            if (cancelled) {
                return;
            }
            cancelled = true;
            due = List.copyOf(actions);
            actions.clear();
        }
        due.forEach(Runnable::run);
    }
}
