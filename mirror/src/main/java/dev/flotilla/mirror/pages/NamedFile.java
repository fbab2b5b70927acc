package dev.flotilla.mirror.pages;

import dev.flotilla.mirror.simple.ProjectFile;
import dev.flotilla.mirror.upstream.Deferral;
import java.time.Duration;
import java.util.Optional;

/** What the index says about a file that is asked for by its project and its name. Reasons are one line for people. */
public sealed interface NamedFile {
    /**
     * It is offered.
     *
     * @param remaining how long the page that says so stays fresh; zero where it is stale
     */
    record Offered(ProjectFile file, Duration remaining) implements NamedFile {}

    /** It isn't there, as upstream says or as a rule of this mirror wants it. */
    record Absent(String reason) implements NamedFile {}

    /** Its project isn't served here. */
    record Forbidden(String reason) implements NamedFile {}

    /**
     * Nobody can say.
     *
     * @param deferral where nobody was asked: why, and when somebody will be
     */
    record Unavailable(String reason, Optional<Deferral> deferral) implements NamedFile {}
}
