package dev.flotilla.mirror.pages;

import dev.flotilla.mirror.simple.ContentCoding;
import dev.flotilla.mirror.simple.PageForm;
import dev.flotilla.mirror.simple.ProjectFile;
import dev.flotilla.mirror.simple.ProjectPage;
import dev.flotilla.mirror.store.PageKey;
import dev.flotilla.mirror.upstream.Deferral;
import dev.flotilla.vocabulary.ProjectName;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;

/**
 * Looks for a file on a project's page. A page that doesn't name it is believed while it is young; an older one is renewed
 * first, as far as clients' wishes for newer pages are granted, since another region may already offer from a newer page
 * what this one doesn't name. For any thread.
 */
final class PageSearch {
    private static final Variant ANY = new Variant(PageForm.JSON, ContentCoding.GZIP);

    private final PageCache pages;

    PageSearch(PageCache pages) {
        this.pages = pages;
    }

    /** What came of looking. */
    sealed interface Finding {
        /**
         * The page names it, whether it may be shown or not.
         *
         * @param remaining how long the page stays fresh; zero where it is stale
         */
        record Found(ProjectPage page, ProjectFile file, Duration remaining) implements Finding {}

        /** The page doesn't name it, or there is no such project. */
        record Missing() implements Finding {}

        /** Projects of this name aren't served, and {@code reason} says why. */
        record Blocked(String reason) implements Finding {}

        /** The name is private, and {@code reason} says why. */
        record Private(String reason) implements Finding {}

        /**
         * Nobody can say.
         *
         * @param deferral where nobody was asked: why, and when somebody will be
         */
        record Unknowable(String reason, Optional<Deferral> deferral) implements Finding {
            Unknowable(String reason) {
                this(reason, Optional.empty());
            }
        }
    }

    /** What {@code look} finds on the page of {@code project}. */
    Future<Finding> find(ProjectName project, Function<ProjectPage, Optional<ProjectFile>> look) {
        // To ask for the page as it is would begin a renewal of a stale one for which nobody waits.
        boolean missed = pages.knownModel(project)
                .filter(page -> look.apply(page).isEmpty())
                .isPresent();
        return attempt(project, look, missed)
                .compose(first -> first instanceof Finding.Unknowable && !missed
                        ? attempt(project, look, true)
                                .map(second -> second instanceof Finding.Unknowable ? first : second)
                        : Future.succeededFuture(first));
    }

    private Future<Finding> attempt(
            ProjectName project, Function<ProjectPage, Optional<ProjectFile>> look, boolean recent) {
        var key = new PageKey.Project(project);
        return (recent ? pages.recentPage(key, ANY) : pages.page(key, ANY)).compose(answer -> switch (answer) {
            case PageAnswer.Served served -> {
                served.body().release();
                yield pages.model(project)
                        .map(model ->
                                model.map(page -> finding(page, look, served)).orElseGet(() -> lost(key)));
            }
            case PageAnswer.Absent ignored -> Future.succeededFuture(new Finding.Missing());
            case PageAnswer.Blocked blocked -> Future.succeededFuture(new Finding.Blocked(blocked.reason()));
            case PageAnswer.Private reserved -> Future.succeededFuture(new Finding.Private(reserved.reason()));
            case PageAnswer.Unavailable unavailable ->
                Future.succeededFuture(new Finding.Unknowable(unavailable.reason(), unavailable.deferral()));
            case PageAnswer.Overloaded ignored ->
                Future.succeededFuture(
                        new Finding.Unknowable("too many pages are being fetched", Optional.of(Deferral.busy())));
        });
    }

    private Finding finding(
            ProjectPage page, Function<ProjectPage, Optional<ProjectFile>> look, PageAnswer.Served served) {
        Optional<ProjectFile> file = look.apply(page);
        if (file.isPresent()) {
            return new Finding.Found(page, file.get(), served.remaining());
        }
        boolean fresh = served.outcome() != PageOutcome.STALE;
        return fresh && pages.isYoung(served.age())
                ? new Finding.Missing()
                : new Finding.Unknowable("the page of " + page.name() + " is "
                        + served.age().toSeconds() + " s old, doesn't name the file and could not be renewed");
    }

    /** The store has lost what is still in memory: the next question asks upstream. */
    private Finding lost(PageKey key) {
        pages.forget(key);
        return new Finding.Unknowable("the page that names the file has left the store; try again");
    }
}
