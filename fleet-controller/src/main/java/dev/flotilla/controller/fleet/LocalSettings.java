package dev.flotilla.controller.fleet;

import dev.flotilla.settings.Setting;
import dev.flotilla.settings.Settings;
import java.nio.file.Path;

/**
 * Where machines are that are folders of this computer.
 *
 * @param folder holds one folder for each node, by its name; absolute
 */
public record LocalSettings(Path folder) {
    static Setting<LocalSettings> read(Settings settings, Path base) {
        var folder = settings.optional("folder", base.resolve("machines"), base::resolve);
        return settings.build(
                () -> new LocalSettings(folder.get().toAbsolutePath().normalize()));
    }

    /** The folder below which everything of a node's machine is; {@link IllegalArgumentException} where scripts can't name it. */
    String root(NodeId node) {
        try {
            return ProvisionSettings.root(folder.resolve(node.node().value()).toString());
        } catch (IllegalArgumentException unusable) {
            throw new IllegalArgumentException("local.folder: " + unusable.getMessage(), unusable);
        }
    }
}
