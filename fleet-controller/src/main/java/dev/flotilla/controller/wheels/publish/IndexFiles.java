package dev.flotilla.controller.wheels.publish;

import dev.flotilla.controller.wheels.index.IndexFile;
import dev.flotilla.controller.wheels.index.IndexPage;
import dev.flotilla.controller.wheels.index.SimpleIndex;
import dev.flotilla.vocabulary.ProjectName;
import java.util.HashMap;
import java.util.Map;

/** Upstream's files as an index shows them: one of the fleet's mirrors as a rule. */
public record IndexFiles(SimpleIndex index) implements UpstreamFiles {
    @Override
    public Answer of(ProjectName project) {
        try {
            return switch (index.page(project)) {
                case SimpleIndex.Page.Found found -> answer(found.page());
                case SimpleIndex.Page.Absent ignored -> new Answer.Absent("upstream has no project " + project);
                case SimpleIndex.Page.Unknown unknown -> new Answer.Unavailable(unknown.reason());
            };
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            return new Answer.Unavailable(project + " wasn't waited for");
        }
    }

    private static Answer answer(IndexPage page) {
        if (page.quarantined()) {
            return new Answer.Absent("upstream has put " + page.project() + " in quarantine");
        }
        Map<String, UpstreamFile> files = new HashMap<>();
        for (IndexFile file : page.files()) {
            files.put(
                    file.filename(),
                    new UpstreamFile(file.sha256(), file.yanked().isPresent()));
        }
        return new Answer.Known(files);
    }
}
