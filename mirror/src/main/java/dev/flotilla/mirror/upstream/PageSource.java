package dev.flotilla.mirror.upstream;

import dev.flotilla.vocabulary.ProjectName;
import io.vertx.core.Future;
import java.util.Optional;

/**
 * Where pages come from. Safe for use from any thread. A future of this port never fails: whatever goes wrong is
 * {@link PageFetch.Failed}, within the deadline of {@link UpstreamLimits}.
 */
public interface PageSource {
    /** The page of {@code project}, asked for conditionally where {@code conditions} are given; its body takes {@code room}. */
    Future<PageFetch> page(ProjectName project, Optional<Conditions> conditions, Room room);

    /**
     * The provenance object that a page of {@code origin.upstream()} names at {@code origin.location()}; that upstream alone
     * is asked, and that at its own hosts alone.
     */
    Future<PageFetch> provenance(ProvenanceOrigin origin, Optional<Conditions> conditions, Room room);

    /** The list of all projects. */
    Future<PageFetch> rootList(Optional<Conditions> conditions, Room room);
}
