package dev.flotilla.controller.wheels.publish;

import dev.flotilla.controller.wheels.Sdist;
import dev.flotilla.vocabulary.ProjectName;
import dev.flotilla.vocabulary.Sha256;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** An upstream in memory. */
final class KnownFiles implements UpstreamFiles {
    private final Map<ProjectName, Map<String, UpstreamFile>> projects = new ConcurrentHashMap<>();
    private volatile boolean away;

    KnownFiles with(Sdist sdist) {
        return with(sdist.project(), sdist.filename(), new UpstreamFile(Optional.of(sdist.digest()), false));
    }

    KnownFiles with(ProjectName project, String filename, Sha256 digest) {
        return with(project, filename, new UpstreamFile(Optional.of(digest), false));
    }

    KnownFiles yank(Sdist sdist) {
        return with(sdist.project(), sdist.filename(), new UpstreamFile(Optional.of(sdist.digest()), true));
    }

    private KnownFiles with(ProjectName project, String filename, UpstreamFile file) {
        Map<String, UpstreamFile> files = new HashMap<>(projects.getOrDefault(project, Map.of()));
        files.put(filename, file);
        projects.put(project, files);
        return this;
    }

    void remove(ProjectName project) {
        projects.remove(project);
    }

    void goAway() {
        away = true;
    }

    @Override
    public Answer of(ProjectName project) {
        if (away) {
            return new Answer.Unavailable("the mirror is away");
        }
        Map<String, UpstreamFile> files = projects.get(project);
        return files == null ? new Answer.Absent("upstream has no project " + project) : new Answer.Known(files);
    }
}
