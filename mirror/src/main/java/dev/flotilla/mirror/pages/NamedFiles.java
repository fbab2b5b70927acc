package dev.flotilla.mirror.pages;

import dev.flotilla.mirror.policy.View;
import dev.flotilla.mirror.simple.ProjectFile;
import dev.flotilla.mirror.simple.ProjectPage;
import dev.flotilla.mirror.upstream.Deferral;
import dev.flotilla.vocabulary.ProjectName;
import io.vertx.core.Future;
import java.util.Optional;

/** Finds files by their project and their name alone, as old addresses give them. For any thread; its futures never fail. */
public final class NamedFiles {
    private final PageCache pages;
    private final PageSearch search;

    public NamedFiles(PageCache pages) {
        this.pages = pages;
        search = new PageSearch(pages);
    }

    /** The file of this name as {@code view} shows it, in whichever spelling of the project's name the page has it. */
    public Future<NamedFile> find(View view, ProjectName project, String filename) {
        return search.find(project, page -> page.named(filename)).map(finding -> switch (finding) {
            case PageSearch.Finding.Found(ProjectPage page, ProjectFile file, var remaining) ->
                pages.isShown(page, file, view)
                        ? new NamedFile.Offered(file, remaining)
                        : new NamedFile.Absent("a rule of this mirror hides it");
            case PageSearch.Finding.Missing ignored ->
                new NamedFile.Absent("upstream's page of " + project + " doesn't name it");
            case PageSearch.Finding.Blocked(String reason) -> new NamedFile.Forbidden(reason);
            case PageSearch.Finding.Private(String reason) -> new NamedFile.Absent(reason);
            case PageSearch.Finding.Unknowable(String reason, Optional<Deferral> deferral) ->
                new NamedFile.Unavailable(reason, deferral);
        });
    }
}
