package dev.flotilla.controller.wheels.plan;

import dev.flotilla.controller.wheels.Sdist;
import java.time.Instant;
import java.util.Optional;

/** What becomes of a version that somebody needs, for one Python on one platform. */
public sealed interface Decision {
    /** Upstream has a wheel that fits: nothing is to be done. */
    record Upstream(String filename) implements Decision {}

    /** The fleet has built one, which is young enough. */
    record Have(String filename, Sdist sdist, Optional<Instant> built) implements Decision {}

    /** It is to be built, for this reason. */
    record Build(Sdist sdist, String why) implements Decision {}

    /** It can't be built, for this reason, and nobody can install it there otherwise either. */
    record Impossible(String reason) implements Decision {}

    /** It couldn't be found out. */
    record Unknown(String reason) implements Decision {}
}
