package dev.flotilla.mirror.ops;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.Locale;

/**
 * The page for people: what this mirror is, how to use it, what it holds and did last. One HTML document without scripts and
 * without anything from elsewhere; every value in it is escaped. Pure.
 */
public final class HumanPage {
    private static final String STYLE = style();

    /** What the document may load: its own style, known by its digest, and nothing else (Content Security Policy, level 3). */
    public static final String CONTENT_SECURITY_POLICY = "default-src 'none'; style-src 'sha256-" + digest(STYLE)
            + "'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private static final DateTimeFormatter CLOCK =
            DateTimeFormatter.ofPattern("HH:mm:ss", Locale.ROOT).withZone(ZoneOffset.UTC);

    private final StringBuilder html = new StringBuilder(16_384);

    private HumanPage() {}

    /** The document for {@code now}; {@code pipConfiguration} is the text of the pip.conf to copy. */
    public static String of(Overview.Snapshot now, String pipConfiguration) {
        var page = new HumanPage();
        page.head(now);
        page.use(pipConfiguration);
        page.cached(now);
        page.requests(now);
        page.foot(now);
        return page.html.toString();
    }

    private void head(Overview.Snapshot now) {
        var identity = now.identity();
        raw("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>");
        text("Python packages in " + identity.region());
        raw("</title>\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<style>");
        raw(STYLE);
        raw("</style>\n</head>\n<body>\n<main>\n<header>\n<div class=\"mark\">Flotilla mirror</div>\n<h1>");
        text("Python packages in " + identity.region());
        raw("</h1>\n<p class=\"facts\">");
        switch (now.state()) {
            case Readiness.State.Ready ignored -> raw("<span class=\"state good\">Ready</span>");
            case Readiness.State.Drained ignored ->
                raw("<span class=\"state warn\">Drained: clients are asked to go elsewhere</span>");
            case Readiness.State.Draining ignored ->
                raw("<span class=\"state warn\">Ending: clients are asked to go elsewhere</span>");
            case Readiness.State.NotReady notReady -> {
                raw("<span class=\"state bad\">Not ready: ");
                text(notReady.reason());
                raw("</span>");
            }
        }
        raw(" &middot; node <b>");
        text(identity.node().value());
        raw("</b> &middot; version <b>");
        text(identity.version());
        raw("</b> &middot; up <b>");
        text(spoken(now.uptime()));
        raw("</b></p>\n</header>\n");
    }

    private void use(String pipConfiguration) {
        String index = pipConfiguration
                .lines()
                .filter(line -> line.startsWith("index-url = "))
                .map(line -> line.substring("index-url = ".length()))
                .findFirst()
                .orElse("");
        raw("<section>\n<h2>Use it</h2>\n<p>Once, for a single command:</p>\n<pre><code>");
        text("pip install --index-url " + index + " <package>");
        raw(
                "</code></pre>\n<p>For good, in <code>~/.config/pip/pip.conf</code> or <code>/etc/pip.conf</code>:</p>\n<pre><code>");
        text(pipConfiguration);
        raw("</code></pre>\n<p class=\"note\">The same as a file: <a href=\"pip.conf\">pip.conf</a>."
                + " All projects: <a href=\"simple/\">simple/</a>.</p>\n</section>\n");
    }

    private void cached(Overview.Snapshot now) {
        var cached = now.cached();
        raw("<section>\n<h2>What is cached</h2>\n<dl>\n");
        figure("Project pages", grouped(cached.pages()), "");
        figure("Files", grouped(cached.files()), "");
        figure("On disk", cached.held().toString(), "of " + cached.budget());
        figure(
                "Served from here",
                now.hitRatio().isPresent()
                        ? String.format(
                                Locale.ROOT, "%.1f %%", 100 * now.hitRatio().getAsDouble())
                        : "–",
                grouped(now.requests()) + " requests");
        raw("</dl>\n<progress max=\"1000\" value=\"");
        raw(Long.toString(permille(cached)));
        raw("\" aria-label=\"Disk budget in use\"></progress>\n");
        cached.trouble().ifPresent(trouble -> {
            raw("<p class=\"note\"><span class=\"state warn\">Nothing new is kept, files pass through: ");
            text(trouble);
            raw("</span></p>\n");
        });
        raw("</section>\n");
    }

    private static long permille(Overview.Cached cached) {
        long budget = Math.max(1, cached.budget().bytes());
        return Math.min(1_000, Math.round(1_000.0 * cached.held().bytes() / budget));
    }

    private void figure(String name, String value, String more) {
        raw("<div><dt>");
        text(name);
        raw("</dt><dd>");
        text(value);
        if (!more.isEmpty()) {
            raw("<small>");
            text(more);
            raw("</small>");
        }
        raw("</dd></div>\n");
    }

    private void requests(Overview.Snapshot now) {
        raw("<section>\n<h2>Last requests</h2>\n");
        if (now.latest().isEmpty()) {
            raw("<p class=\"note\">None yet.</p>\n</section>\n");
            return;
        }
        raw("<table>\n<thead><tr><th scope=\"col\">UTC</th><th scope=\"col\">What</th>"
                + "<th scope=\"col\">Answer</th><th scope=\"col\">Cache</th>"
                + "<th scope=\"col\">ms</th></tr></thead>\n<tbody>\n");
        for (var request : now.latest()) {
            raw("<tr><td class=\"time\">");
            raw(CLOCK.format(request.time()));
            raw("</td><td class=\"what\">");
            text(shown(request));
            raw("</td><td class=\"");
            raw(request.status() >= 500 ? "bad" : request.status() >= 400 ? "warn" : "good");
            raw("\">");
            raw(Integer.toString(request.status()));
            raw("</td><td class=\"soft\">");
            text(request.cache());
            raw("</td><td class=\"soft\">");
            raw(milliseconds(request.duration()));
            raw("</td></tr>\n");
        }
        raw("</tbody>\n</table>\n</section>\n");
    }

    /** A file is known by its name: the digests in its path help nobody who reads. */
    private static String shown(RequestRecord request) {
        boolean file = request.route().equals("file") || request.route().equals("metadata");
        return file ? request.target().substring(request.target().lastIndexOf('/') + 1) : request.target();
    }

    private void foot(Overview.Snapshot now) {
        raw("<footer>Follows ");
        text(String.join(", ", now.identity().upstreams()));
        raw(". As of ");
        text(DateTimeFormatter.ISO_INSTANT.format(
                Instant.ofEpochSecond(now.time().getEpochSecond())));
        raw(".</footer>\n</main>\n</body>\n</html>\n");
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

    private void raw(String markup) {
        html.append(markup);
    }

    private void text(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '&' -> html.append("&amp;");
                case '<' -> html.append("&lt;");
                case '>' -> html.append("&gt;");
                case '"' -> html.append("&quot;");
                case '\'' -> html.append("&#39;");
                default -> html.append(c < ' ' && c != '\n' ? '\ufffd' : c);
            }
        }
    }

    private static String style() {
        try (InputStream sheet = HumanPage.class.getResourceAsStream("people.css")) {
            if (sheet == null) {
                throw new IllegalStateException("the style sheet of the page for people is not in the program");
            }
            return new String(sheet.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    private static String digest(String style) {
        try {
            return Base64.getEncoder()
                    .encodeToString(
                            MessageDigest.getInstance("SHA-256").digest(style.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every JDK has SHA-256", impossible);
        }
    }
}
