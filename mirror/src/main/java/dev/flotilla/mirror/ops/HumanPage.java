package dev.flotilla.mirror.ops;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/**
 * The page for people: what this mirror is, how to use it, what it holds and did last. One HTML document without scripts and
 * without anything from elsewhere; every value in it is escaped. Pure.
 */
public final class HumanPage {
    private static final DateTimeFormatter CLOCK =
            DateTimeFormatter.ofPattern("HH:mm:ss", Locale.ROOT).withZone(ZoneOffset.UTC);

    private final Html html = new Html(16_384);

    private HumanPage() {}

    /** The document for {@code now}; {@code pipConfiguration} is the text of the pip.conf to copy. */
    public static String of(Overview.Snapshot now, String pipConfiguration) {
        var page = new HumanPage();
        page.head(now);
        page.use(pipConfiguration);
        page.cached(now);
        page.requests(now);
        page.foot(now);
        return page.html.document();
    }

    private void head(Overview.Snapshot now) {
        var identity = now.identity();
        html.begin("Python packages in " + identity.region(), "Python packages in " + identity.region());
        html.raw("<p class=\"facts\">");
        switch (now.state()) {
            case Readiness.State.Ready ignored -> html.raw("<span class=\"state good\">Ready</span>");
            case Readiness.State.Drained ignored ->
                html.raw("<span class=\"state warn\">Drained: clients are asked to go elsewhere</span>");
            case Readiness.State.Draining ignored ->
                html.raw("<span class=\"state warn\">Ending: clients are asked to go elsewhere</span>");
            case Readiness.State.NotReady notReady -> {
                html.raw("<span class=\"state bad\">Not ready: ");
                html.text(notReady.reason());
                html.raw("</span>");
            }
        }
        html.raw(" &middot; node <b>");
        html.text(identity.node().value());
        html.raw("</b> &middot; version <b>");
        html.text(identity.version());
        html.raw("</b> &middot; up <b>");
        html.text(spoken(now.uptime()));
        html.raw("</b></p>\n</header>\n");
    }

    private void use(String pipConfiguration) {
        String index = index(pipConfiguration);
        html.raw("<section>\n<h2>Use it</h2>\n<p>Once, for a single command:</p>\n<pre><code>");
        html.text("pip install --index-url " + index + " <package>");
        html.raw(
                "</code></pre>\n<p>For good, in <code>~/.config/pip/pip.conf</code> or <code>/etc/pip.conf</code>:</p>\n<pre><code>");
        html.text(pipConfiguration);
        html.raw("</code></pre>\n<p class=\"note\">The same as a file: <a href=\"pip.conf\">pip.conf</a>."
                + " All projects: <a href=\"simple/\">simple/</a>.</p>\n</section>\n");
    }

    /** The index that a pip.conf names. */
    static String index(String pipConfiguration) {
        return pipConfiguration
                .lines()
                .filter(line -> line.startsWith("index-url = "))
                .map(line -> line.substring("index-url = ".length()))
                .findFirst()
                .orElse("");
    }

    private void cached(Overview.Snapshot now) {
        var cached = now.cached();
        html.raw("<section>\n<h2>What is cached</h2>\n<dl>\n");
        html.figure("Project pages", grouped(cached.pages()), "");
        html.figure("Files", grouped(cached.files()), "");
        html.figure("On disk", cached.held().toString(), "of " + cached.budget());
        html.figure(
                "Served from here",
                now.hitRatio().isPresent()
                        ? String.format(
                                Locale.ROOT, "%.1f %%", 100 * now.hitRatio().getAsDouble())
                        : "–",
                grouped(now.requests()) + " requests");
        html.raw("</dl>\n<progress max=\"1000\" value=\"");
        html.raw(Long.toString(permille(cached)));
        html.raw("\" aria-label=\"Disk budget in use\"></progress>\n");
        cached.trouble().ifPresent(trouble -> {
            html.raw("<p class=\"note\"><span class=\"state warn\">Nothing new is kept, files pass through: ");
            html.text(trouble);
            html.raw("</span></p>\n");
        });
        html.raw("</section>\n");
    }

    private static long permille(Overview.Cached cached) {
        long budget = Math.max(1, cached.budget().bytes());
        return Math.min(1_000, Math.round(1_000.0 * cached.held().bytes() / budget));
    }

    private void requests(Overview.Snapshot now) {
        html.raw("<section>\n<h2>Last requests</h2>\n");
        if (now.latest().isEmpty()) {
            html.raw("<p class=\"note\">None yet.</p>\n</section>\n");
            return;
        }
        html.raw("<table>\n<thead><tr><th scope=\"col\">UTC</th><th scope=\"col\">What</th>"
                + "<th scope=\"col\">Answer</th><th scope=\"col\">Cache</th>"
                + "<th scope=\"col\">ms</th></tr></thead>\n<tbody>\n");
        for (var request : now.latest()) {
            html.raw("<tr><td class=\"time\">");
            html.raw(CLOCK.format(request.time()));
            html.raw("</td><td class=\"what\">");
            html.text(shown(request));
            html.raw("</td><td class=\"");
            html.raw(request.status() >= 500 ? "bad" : request.status() >= 400 ? "warn" : "good");
            html.raw("\">");
            html.raw(Integer.toString(request.status()));
            html.raw("</td><td class=\"soft\">");
            html.text(request.cache());
            html.raw("</td><td class=\"soft\">");
            html.raw(milliseconds(request.duration()));
            html.raw("</td></tr>\n");
        }
        html.raw("</tbody>\n</table>\n</section>\n");
    }

    /** A file is known by its name: the digests in its path help nobody who reads. */
    private static String shown(RequestRecord request) {
        boolean file = request.route().equals("file") || request.route().equals("metadata");
        return file ? request.target().substring(request.target().lastIndexOf('/') + 1) : request.target();
    }

    private void foot(Overview.Snapshot now) {
        html.raw("<footer>Follows ");
        html.text(String.join(", ", now.identity().upstreams()));
        html.raw(". As of ");
        html.text(DateTimeFormatter.ISO_INSTANT.format(
                Instant.ofEpochSecond(now.time().getEpochSecond())));
        html.raw(".</footer>\n");
    }

    private static String spoken(Duration duration) {
        if (duration.toDays() > 0) {
            return duration.toDays() + " d " + duration.toHoursPart() + " h";
        }
        if (duration.toHours() > 0) {
            return duration.toHours() + " h " + duration.toMinutesPart() + " min";
        }
        return duration.toMinutes() > 0 ? duration.toMinutes() + " min" : duration.toSeconds() + " s";
    }

    private static String milliseconds(Duration duration) {
        long micros = duration.toNanos() / 1_000;
        return micros < 10_000 ? String.format(Locale.ROOT, "%.1f", micros / 1_000.0) : Long.toString(micros / 1_000);
    }

    private static String grouped(long number) {
        return String.format(Locale.ROOT, "%,d", number).replace(',', '\u202f');
    }
}
