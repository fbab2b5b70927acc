package dev.flotilla.mirror.upstream;

import dev.flotilla.vocabulary.ProjectName;
import io.vertx.core.Future;
import java.util.Optional;

/**
 * Where pages come from. Safe for use from any thread. A future of this port never fails: whatever goes wrong is
 * {@link PageFetch.Failed}, within the deadline of {@link UpstreamLimits}.
 */
public interface PageSource {
    /** The page of {@code project}, asked for conditionally where {@code conditions} are given. */
    Future<PageFetch> page(ProjectName project, Optional<Conditions> conditions);

    /** The list of all projects. */
    Future<PageFetch> rootList(Optional<Conditions> conditions);
}
