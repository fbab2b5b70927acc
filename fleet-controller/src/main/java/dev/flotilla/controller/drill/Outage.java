package dev.flotilla.controller.drill;

import java.io.IOException;

/** A region that is out on purpose. For one thread. */
interface Outage {
    /** Finds out what {@link #begin} will touch, for the record that is written before it does. */
    default DrillRecord prepare(DrillRecord record) throws IOException, InterruptedException {
        return record;
    }

    /** Takes the region out. What it does can be undone by {@link #end}, however far it came. */
    void begin() throws IOException, InterruptedException;

    /** Whether its being out shows in its nodes' own readiness, which is when the clock begins; otherwise it does when {@link #begin} is done. */
    boolean showsInReadiness();

    /** Brings it back, as far as it lies in our hand. May be called several times. */
    void end() throws IOException, InterruptedException;
}
