package dev.flotilla.agent.steering;

import dev.flotilla.agent.bucket.Bucket;
import dev.flotilla.agent.bucket.BucketLayout;
import dev.flotilla.agent.json.MalformedJsonException;
import dev.flotilla.agent.report.NodeReport;
import dev.flotilla.agent.rollout.Member;
import dev.flotilla.vocabulary.FleetName;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * What other nodes say of themselves in the bucket. A node counts as serving if its report is young, says that its mirror serves and asks
 * nobody to go elsewhere, and comes from an agent that can't have gone since by anything that this node knows of. All else counts as not.
 *
 * @param known what this node judges by
 * @param age a report that is older, or further ahead of this clock, says nothing
 */
record FleetSight(Bucket bucket, FleetName fleet, Known known, Instant now, Duration age) implements DrainJudge.Sight {
    @Override
    public boolean serves(Member member) throws DrainJudge.Away {
        var key = BucketLayout.report(member.region(), member.node());
        return switch (bucket.get(key, Optional.empty(), NodeReport.LARGEST)) {
            case Bucket.Lookup.Found found -> serves(member, found.content());
            case Bucket.Lookup.Absent ignored -> false;
            case Bucket.Lookup.TooLarge ignored -> false;
            case Bucket.Lookup.NotModified ignored -> throw new IllegalStateException("nothing was known");
            case Bucket.Lookup.Failed failed -> throw new DrainJudge.Away(failed.reason());
        };
    }

    private boolean serves(Member member, byte[] document) {
        try {
            NodeReport report = NodeReport.parse(document);
            return report.fleet().equals(fleet)
                    && report.region().equals(member.region())
                    && report.node().equals(member.node())
                    && Duration.between(report.written(), now).abs().compareTo(age) <= 0
                    && report.mirror().filter(NodeReport.Mirror::ready).isPresent()
                    && report.steering()
                            .filter(steering -> !steering.drained() && known.trusts(member, steering.intents()))
                            .isPresent();
        } catch (MalformedJsonException noReport) {
            return false;
        }
    }
}
