package dev.flotilla.controller.wheels.publish;

import dev.flotilla.vocabulary.ProjectName;
import java.util.HashMap;
import java.util.Map;

/** Remembers what upstream has said of projects, so that who holds the fleet's lock needn't wait for it. For one thread. */
final class AskedFiles implements UpstreamFiles {
    private final UpstreamFiles upstream;
    private final Map<ProjectName, Answer> answers = new HashMap<>();

    AskedFiles(UpstreamFiles upstream) {
        this.upstream = upstream;
    }

    /** Asks where nobody has. */
    @Override
    public Answer of(ProjectName project) {
        return answers.computeIfAbsent(project, upstream::of);
    }

    /** Doesn't ask: what others have published meanwhile they have compared themselves. */
    Answer known(ProjectName project) {
        return answers.getOrDefault(
                project, new Answer.Unavailable(project + " is published only since upstream was asked"));
    }
}
