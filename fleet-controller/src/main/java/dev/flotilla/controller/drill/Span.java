package dev.flotilla.controller.drill;

import dev.flotilla.agent.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;

/** Requests in a row, by their beginnings, that met the same. {@code why} is of the first one. */
record Span(Duration from, Duration to, Sample.Seen seen, Sample.Tries tries, int requests, String why) {
    static SequencedMap<VantagePoint, List<Span>> all(Map<VantagePoint, List<Sample>> samples) {
        var all = new LinkedHashMap<VantagePoint, List<Span>>();
        samples.forEach((point, its) -> all.put(point, of(its)));
        return all;
    }

    /** Each span ends where the next one begins. */
    static List<Span> of(List<Sample> unordered) {
        List<Span> spans = new ArrayList<>();
        List<Sample> samples =
                unordered.stream().sorted(Comparator.comparing(Sample::at)).toList();
        for (Sample sample : samples) {
            Span last = spans.isEmpty() ? null : spans.removeLast();
            if (last != null && last.seen == sample.seen() && last.tries == sample.tries()) {
                spans.add(new Span(last.from, sample.end(), last.seen, last.tries, last.requests + 1, last.why));
                continue;
            }
            if (last != null) {
                spans.add(new Span(last.from, sample.at(), last.seen, last.tries, last.requests, last.why));
            }
            spans.add(new Span(sample.at(), sample.end(), sample.seen(), sample.tries(), 1, sample.why()));
        }
        return spans;
    }

    JsonObject toJson() {
        JsonObject span = JsonObject.EMPTY
                .with("fromMillis", from.toMillis())
                .with("toMillis", to.toMillis())
                .with("seen", seen.name().toLowerCase(Locale.ROOT))
                .with("tries", tries.name().toLowerCase(Locale.ROOT))
                .with("requests", requests);
        return why.isEmpty() ? span : span.with("why", why);
    }
}
