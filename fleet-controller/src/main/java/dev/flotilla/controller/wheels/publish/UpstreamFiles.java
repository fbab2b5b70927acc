package dev.flotilla.controller.wheels.publish;

import dev.flotilla.vocabulary.ProjectName;
import dev.flotilla.vocabulary.Sha256;
import java.util.Map;
import java.util.Optional;

/** What upstream has of projects, as the fleet's clients see it. */
public interface UpstreamFiles {
    /** What it has of one project now. */
    Answer of(ProjectName project);

    /** What it has of a project. */
    sealed interface Answer {
        /**
         * The project is there.
         *
         * @param files by name
         */
        record Known(Map<String, UpstreamFile> files) implements Answer {
            public Known {
                files = Map.copyOf(files);
            }
        }

        /** There is no such project, or it isn't offered: blocked, or in quarantine. */
        record Absent(String reason) implements Answer {}

        /** It could not be found out. */
        record Unavailable(String reason) implements Answer {}
    }

    /** One file of it; its digest is absent where upstream doesn't say it. */
    record UpstreamFile(Optional<Sha256> digest, boolean yanked) {}
}
