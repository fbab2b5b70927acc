package dev.flotilla.mirror.ops;

import dev.flotilla.mirror.simple.ProjectFile;
import dev.flotilla.mirror.wheels.WheelIndex;
import dev.flotilla.mirror.wheels.WheelOrigin;
import dev.flotilla.vocabulary.PlatformSlug;
import dev.flotilla.vocabulary.ProjectName;
import java.net.URI;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/** The page for people of a platform's wheels: which there are, when and by whom they were built of what, and what nobody could build. Pure. */
public final class WheelsPage {
    /** More rows than this are a megabyte or two, and nobody's to read. */
    private static final int MOST_ROWS = 5_000;

    private static final int SHOWN_OF_DIGEST = 16;
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm", Locale.ROOT).withZone(ZoneOffset.UTC);

    private final Html html = new Html(65_536);
    private final PlatformSlug platform;
    private final Optional<WheelIndex> index;
    private final Predicate<ProjectName> admitted;
    private final Optional<URI> place;

    private WheelsPage(
            PlatformSlug platform, Optional<WheelIndex> index, Predicate<ProjectName> admitted, Optional<URI> place) {
        this.platform = platform;
        this.index = index;
        this.admitted = admitted;
        this.place = place;
    }

    /**
     * The document.
     *
     * @param index absent where nothing is built for the platform
     * @param admitted whose wheels may be seen here
     * @param place where people may look at what builds said, ending with a slash; absent where they can't
     * @param pipConfiguration the text of this mirror's pip.conf
     */
    public static String of(
            PlatformSlug platform,
            Optional<WheelIndex> index,
            Predicate<ProjectName> admitted,
            Optional<URI> place,
            String pipConfiguration) {
        var page = new WheelsPage(platform, index, admitted, place);
        page.head();
        page.use(HumanPage.index(pipConfiguration));
        page.wheels();
        page.failed();
        return page.html.document();
    }

    /** A wheel of the index and how it came about. */
    private record Row(ProjectName project, ProjectFile file, WheelOrigin origin) {}

    private List<Map.Entry<ProjectName, WheelIndex.Entry>> projects() {
        return index.map(WheelIndex::projects).map(Map::entrySet).stream()
                .flatMap(entries -> entries.stream())
                .filter(entry -> admitted.test(entry.getKey()))
                .toList();
    }

    private List<WheelIndex.Failed> failures() {
        return index.map(WheelIndex::failed).stream()
                .flatMap(List::stream)
                .filter(failed -> admitted.test(failed.project()))
                .toList();
    }

    private void head() {
        String title = "Wheels for " + platform;
        html.begin(title, title);
        html.raw("<p class=\"facts\">");
        html.text(index.map(one -> "Changed " + TIME.format(one.made()) + " UTC")
                .orElse("Nothing is built for this platform."));
        html.raw("</p>\n</header>\n");
    }

    private void use(String simple) {
        String overlay = simple.replaceFirst("simple/$", "overlay/" + platform + "/simple/");
        html.raw(
                "<section>\n<h2>Use them</h2>\n<p>With all that upstream has, where upstream has no wheel that fits:</p>\n<pre><code>");
        html.text("pip install --index-url " + overlay + " <package>");
        html.raw(
                "</code></pre>\n<p class=\"note\">These wheels alone: <a href=\"simple/\">simple/</a>.</p>\n</section>\n");
    }

    private void wheels() {
        var projects = projects();
        long wheels = projects.stream()
                .mapToLong(entry -> entry.getValue().page().files().size())
                .sum();
        html.raw("<section>\n<h2>What is built</h2>\n<dl>\n");
        html.figure("Wheels", Long.toString(wheels), "");
        html.figure("Projects", Integer.toString(projects.size()), "");
        html.figure("Builds that failed last", Integer.toString(failures().size()), "");
        html.raw("</dl>\n</section>\n");
        if (wheels == 0) {
            return;
        }
        html.raw(
                "<section>\n<h2>Wheels</h2>\n<table>\n<thead><tr><th scope=\"col\">Wheel</th><th scope=\"col\">Built, UTC</th>"
                        + "<th scope=\"col\">Of</th><th scope=\"col\">By</th><th scope=\"col\">Built twice</th>"
                        + "<th scope=\"col\">Log</th></tr></thead>\n<tbody>\n");
        projects.stream()
                .flatMap(entry -> entry.getValue().page().files().stream()
                        .map(file -> new Row(entry.getKey(), file, WheelOrigin.of(file))))
                .limit(MOST_ROWS)
                .forEach(this::row);
        html.raw("</tbody>\n</table>\n");
        if (wheels > MOST_ROWS) {
            html.raw("<p class=\"note\">And " + (wheels - MOST_ROWS) + " more: <a href=\"simple/\">simple/</a>.</p>\n");
        }
        html.raw("</section>\n");
    }

    private void row(Row row) {
        html.raw("<tr><td class=\"what\"><a href=\"simple/" + row.project().normal() + "/\">");
        html.text(row.file().filename());
        html.raw("</a></td><td class=\"time\">");
        html.text(row.file().uploaded().map(TIME::format).orElse(""));
        html.raw("</td><td>");
        html.text(row.origin().sdist());
        html.raw("<br><small title=\"");
        html.text(row.origin().sdistDigest());
        html.raw("\">");
        html.text(shortened(row.origin().sdistDigest()));
        html.raw("</small></td><td class=\"soft\">");
        html.text(row.origin().builder());
        html.raw("</td><td class=\"soft\">");
        html.text(row.origin()
                .same()
                .map(same -> same ? "the same bytes" : "other bytes")
                .orElse(""));
        html.raw("</td><td class=\"what\">");
        log(row.origin().log());
        html.raw("</td></tr>\n");
    }

    private static String shortened(String digest) {
        return digest.isEmpty()
                ? ""
                : "sha256 " + digest.substring(0, Math.min(SHOWN_OF_DIGEST, digest.length())) + "…";
    }

    private void log(String path) {
        Optional<URI> link = place.flatMap(start -> below(start.resolve(platform + "/"), path));
        if (link.isPresent()) {
            html.raw("<a href=\"");
            html.text(link.get().toString());
            html.raw("\">log</a>");
        } else if (!path.isEmpty()) {
            html.raw("<small>");
            html.text("wheels/" + platform + "/" + path);
            html.raw(" in the bucket</small>");
        }
    }

    /** A path of the index never leads out of the platform's folder. */
    private static Optional<URI> below(URI folder, String path) {
        try {
            URI link = folder.resolve(path).normalize();
            return !path.isEmpty() && link.toString().startsWith(folder.toString())
                    ? Optional.of(link)
                    : Optional.empty();
        } catch (IllegalArgumentException noPath) {
            return Optional.empty();
        }
    }

    private void failed() {
        List<WheelIndex.Failed> failures = failures();
        if (failures.isEmpty()) {
            return;
        }
        html.raw(
                "<section>\n<h2>What could not be built last</h2>\n<table>\n<thead><tr><th scope=\"col\">Source</th>"
                        + "<th scope=\"col\">Python</th><th scope=\"col\">Ended, UTC</th><th scope=\"col\">Why</th></tr></thead>\n<tbody>\n");
        for (WheelIndex.Failed failed : failures) {
            html.raw("<tr><td>");
            html.text(failed.sdist());
            html.raw("</td><td class=\"soft\">");
            html.text(failed.python());
            html.raw("</td><td class=\"time\">");
            html.text(failed.ended());
            html.raw("</td><td class=\"what\">");
            html.text(failed.reason());
            html.raw("</td></tr>\n");
        }
        html.raw("</tbody>\n</table>\n</section>\n");
    }
}
