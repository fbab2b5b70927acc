package dev.flotilla.mirror.simple;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Chooses the form and the coding of a page from what a client accepts (RFC 9110, section 12.5; PEP 691, "Version + Format
 * Selection"). Pure functions.
 */
public final class Negotiation {
    /** A header may name this many ranges; what stands behind is not looked at. Clients send three to ten. */
    private static final int MOST_RANGES = 64;

    private Negotiation() {}

    /** What came of choosing a form. */
    public sealed interface Choice {
        /** Answer in {@code form}, labelled {@code contentType}. */
        record Chosen(PageForm form, String contentType) implements Choice {}

        /** Nothing that can be served is acceptable. */
        record NotAcceptable() implements Choice {}
    }

    /** A media type that a client can ask for, and the answer to it. */
    private enum Offer {
        V1_JSON("application/vnd.pypi.simple.v1+json", PageForm.JSON, PageForm.JSON.mediaType()),
        LATEST_JSON("application/vnd.pypi.simple.latest+json", PageForm.JSON, PageForm.JSON.mediaType()),
        V1_HTML("application/vnd.pypi.simple.v1+html", PageForm.HTML, PageForm.HTML.mediaType()),
        LATEST_HTML("application/vnd.pypi.simple.latest+html", PageForm.HTML, PageForm.HTML.mediaType()),
        TEXT_HTML("text/html", PageForm.HTML, PageForm.TEXT_HTML);

        private final String mediaType;
        private final PageForm form;
        private final String contentType;

        Offer(String mediaType, PageForm form, String contentType) {
            this.mediaType = mediaType;
            this.form = form;
            this.contentType = contentType;
        }

        Choice choice() {
            return new Choice.Chosen(form, contentType);
        }
    }

    /** How well a range fits: its quality, and how closely it names the type (2 by name, 1 by {@code type/*}, 0 by {@code *}). */
    private record Fit(int quality, int closeness) {
        boolean beats(@Nullable Fit other) {
            return other == null
                    || quality > other.quality
                    || (quality == other.quality && closeness > other.closeness);
        }
    }

    /**
     * The form of a page.
     *
     * @param accept the {@code Accept} header, several joined by commas; empty where the client sent none, which means HTML
     * @param format the value of the query's {@code format}, decoded; it goes over the header
     */
    public static Choice form(Optional<String> accept, Optional<String> format) {
        if (format.isPresent()) {
            // a "+" in a query decodes to a blank in some decoders
            return byFormat(format.get().replace(' ', '+').toLowerCase(Locale.ROOT));
        }
        if (accept.isEmpty() || accept.get().isBlank()) {
            return Offer.TEXT_HTML.choice();
        }
        return byAccept(AcceptedRange.parse(accept.get(), MOST_RANGES));
    }

    /**
     * The content type of a provenance object, whose bytes are the same under both of its names (PyPI's Integrity API).
     *
     * @param accept the {@code Accept} header, several joined by commas; empty where the client sent none
     * @return empty where neither is acceptable
     */
    public static Optional<String> provenance(Optional<String> accept) {
        if (accept.isEmpty() || accept.get().isBlank()) {
            return Optional.of(ProvenanceDocument.MEDIA_TYPE);
        }
        List<AcceptedRange> ranges = AcceptedRange.parse(accept.get(), MOST_RANGES);
        Fit own = fit(ProvenanceDocument.MEDIA_TYPE, ranges);
        Fit plain = fit(ProvenanceDocument.PLAIN_MEDIA_TYPE, ranges);
        int ownQuality = own == null ? 0 : own.quality();
        int plainQuality = plain == null ? 0 : plain.quality();
        if (ownQuality == 0 && plainQuality == 0) {
            return Optional.empty();
        }
        return Optional.of(
                ownQuality >= plainQuality ? ProvenanceDocument.MEDIA_TYPE : ProvenanceDocument.PLAIN_MEDIA_TYPE);
    }

    private static Choice byFormat(String format) {
        for (Offer offer : Offer.values()) {
            if (offer.mediaType.equals(format)) {
                return offer.choice();
            }
        }
        return new Choice.NotAcceptable();
    }

    private static Choice byAccept(List<AcceptedRange> ranges) {
        Choice best = new Choice.NotAcceptable();
        Fit bestFit = null;
        for (Offer offer : Offer.values()) {
            Fit fit = fit(offer.mediaType, ranges);
            if (fit != null && fit.quality() > 0 && fit.beats(bestFit)) {
                bestFit = fit;
                best = offer.choice();
            }
        }
        // a client that takes anything gets what every client can read
        Fit textHtml = fit(Offer.TEXT_HTML.mediaType, ranges);
        return bestFit != null && bestFit.closeness() == 0 && bestFit.equals(textHtml)
                ? Offer.TEXT_HTML.choice()
                : best;
    }

    /** By the closest range that covers the type; null where none does. */
    private static @Nullable Fit fit(String mediaType, List<AcceptedRange> ranges) {
        Fit closest = null;
        for (AcceptedRange range : ranges) {
            int closeness = range.value().equals(mediaType)
                    ? 2
                    : range.value().equals("*/*")
                            ? 0
                            : range.value().endsWith("/*")
                                            && mediaType.startsWith(range.value()
                                                    .substring(0, range.value().length() - 1))
                                    ? 1
                                    : -1;
            if (closeness >= 0
                    && (closest == null
                            || closeness > closest.closeness()
                            || (closeness == closest.closeness() && range.quality() > closest.quality()))) {
                closest = new Fit(range.quality(), closeness);
            }
        }
        return closest;
    }

    /**
     * The coding of a page: of those with the highest quality the one that costs the fewest bytes. Without a header, or with
     * an empty one, it is sent as it is.
     *
     * @param acceptEncoding the {@code Accept-Encoding} header, several joined by commas
     * @return empty where not even {@code identity} is acceptable
     */
    public static Optional<ContentCoding> coding(Optional<String> acceptEncoding) {
        if (acceptEncoding.isEmpty() || acceptEncoding.get().isBlank()) {
            return Optional.of(ContentCoding.IDENTITY);
        }
        List<AcceptedRange> ranges = AcceptedRange.parse(acceptEncoding.get(), MOST_RANGES);
        ContentCoding best = null;
        int bestQuality = 0;
        for (ContentCoding coding : ContentCoding.values()) {
            int quality = quality(coding, ranges);
            if (quality > bestQuality) {
                best = coding;
                bestQuality = quality;
            }
        }
        return Optional.ofNullable(best);
    }

    private static int quality(ContentCoding coding, List<AcceptedRange> ranges) {
        int named = -1;
        int any = -1;
        for (AcceptedRange range : ranges) {
            if (range.value().equals(coding.token())
                    || (coding == ContentCoding.GZIP && range.value().equals("x-gzip"))) {
                named = Math.max(named, range.quality());
            } else if (range.value().equals("*")) {
                any = Math.max(any, range.quality());
            }
        }
        if (named >= 0) {
            return named;
        }
        if (any >= 0) {
            return any;
        }
        // identity is acceptable unless it is excluded, but whoever names another coding wants that one
        return coding == ContentCoding.IDENTITY ? AcceptedRange.LEAST_QUALITY : 0;
    }
}
