using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace CohortPipeline.Hosting;

/// <summary>Options that are validated whole before anything starts: every error of every section, in one text.</summary>
public static class ValidatedOptions
{
    /// <summary>
    /// Binds <typeparamref name="T"/> to a section and lets it be checked at start: unknown settings, wrong types,
    /// DataAnnotations, and every registered <see cref="IValidateOptions{TOptions}"/>. Registering a section twice is harmless.
    /// </summary>
    public static T AddValidatedOptions<T>(this IHostApplicationBuilder builder, string section)
        where T : class, new()
    {
        if (!builder.Services.Any(service => service.ServiceType == typeof(OptionsCheck<T>)))
        {
            builder.Services.AddSingleton(new OptionsCheck<T>(section));
            builder.Services.AddSingleton<IStartCheck>(services => services.GetRequiredService<OptionsCheck<T>>());
            builder.Services.TryAddSingleton(services => Read<T>(services.GetRequiredService<IConfiguration>().GetSection(section)));
            builder.Services.AddOptions<T>().Configure<IConfiguration>((options, configuration) => Bind(configuration.GetSection(section), options));
        }

        return Read<T>(builder.Configuration.GetSection(section));
    }

    /// <summary>
    /// The options as far as they can be read before they are checked: a setting whose text does not fit has its default,
    /// because the check at start names it and nothing starts.
    /// </summary>
    private static T Read<T>(IConfigurationSection section)
        where T : class, new()
    {
        var options = new T();
        var unfit = OptionsText.Errors(section, typeof(T)).Select(error => error.Path).ToArray();
        var fitting = section.AsEnumerable().Where(setting => !Array.Exists(unfit, path => IsWithin(setting.Key, path)));
        Bind(new ConfigurationBuilder().AddInMemoryCollection(fitting).Build().GetSection(section.Path), options);
        return options;
    }

    private static bool IsWithin(string key, string path) =>
        key.StartsWith(path, StringComparison.OrdinalIgnoreCase) && (key.Length == path.Length || key[path.Length] == ':');

    /// <summary>Binds a section; a list that is configured replaces the default one, to which the binder would append.</summary>
    internal static void Bind<T>(IConfigurationSection section, T options)
        where T : class
    {
        foreach (var property in typeof(T).GetProperties().Where(property => property is { CanWrite: true, PropertyType.IsArray: true }))
        {
            if (section.GetSection(property.Name).GetChildren().Any())
                property.SetValue(options, Array.CreateInstance(property.PropertyType.GetElementType()!, 0));
        }

        section.Bind(options);
    }
}

/// <summary>Something that must hold before a service starts; answers every error it finds.</summary>
public interface IStartCheck
{
    IEnumerable<string> Errors(IServiceProvider services);
}

internal sealed class OptionsCheck<T>(string sectionName) : IStartCheck
    where T : class, new()
{
    public IEnumerable<string> Errors(IServiceProvider services)
    {
        var section = services.GetRequiredService<IConfiguration>().GetSection(sectionName);
        var errors = OptionsText.Errors(section, typeof(T)).Select(error => error.Text).ToList();
        if (errors.Count > 0)
            return errors;

        var options = new T();
        ValidatedOptions.Bind(section, options);
        var annotated = new List<ValidationResult>();
        Validator.TryValidateObject(options, new(options), annotated, validateAllProperties: true);
        errors.AddRange(annotated.Select(result => Sentence(sectionName, result)));
        errors.AddRange(services.GetServices<IValidateOptions<T>>()
            .Select(validator => validator.Validate(Options.DefaultName, options))
            .Where(result => result.Failed)
            .SelectMany(result => result.Failures ?? []));
        return errors.Distinct();
    }

    /// <summary>Names the setting where the annotation's text does not.</summary>
    private static string Sentence(string section, ValidationResult result)
    {
        var text = result.ErrorMessage ?? "is not valid";
        return text.StartsWith(section + ":", StringComparison.Ordinal) ? text : $"{section}:{string.Join(", ", result.MemberNames)}: {text}";
    }
}
