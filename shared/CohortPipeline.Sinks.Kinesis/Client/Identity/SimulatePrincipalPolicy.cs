using System.Globalization;
using System.Net;
using System.Text;
using Amazon.IdentityManagement.Model;
using Amazon.Runtime;
using Amazon.Runtime.Internal;
using Amazon.Runtime.Internal.Transform;

namespace Amazon.IdentityManagement.Model
{
    /// <summary>Asks what a principal's policies say of actions on resources.</summary>
    public sealed class SimulatePrincipalPolicyRequest : AmazonWebServiceRequest
    {
        public string? PolicySourceArn { get; set; }

        public List<string> ActionNames { get; set; } = [];

        public List<string> ResourceArns { get; set; } = [];
    }

    public sealed class SimulatePrincipalPolicyResponse : AmazonWebServiceResponse
    {
        public List<EvaluationResult> EvaluationResults { get; set; } = [];
    }

    public sealed class EvaluationResult
    {
        public string? EvalActionName { get; set; }

        public string? EvalResourceName { get; set; }

        /// <summary><c>allowed</c>, <c>explicitDeny</c> or <c>implicitDeny</c>.</summary>
        public string? EvalDecision { get; set; }
    }
}

namespace Amazon.IdentityManagement.Internal
{
    /// <summary>A call of the query protocol: a form.</summary>
    internal sealed class SimulatePrincipalPolicyRequestMarshaller : IMarshaller<IRequest, AmazonWebServiceRequest>
    {
        public static SimulatePrincipalPolicyRequestMarshaller Instance { get; } = new();

        public IRequest Marshall(AmazonWebServiceRequest input)
        {
            var call = (SimulatePrincipalPolicyRequest)input;
            var form = new StringBuilder("Action=SimulatePrincipalPolicy&Version=2010-05-08");
            Add(form, "PolicySourceArn", call.PolicySourceArn);
            AddAll(form, "ActionNames", call.ActionNames);
            AddAll(form, "ResourceArns", call.ResourceArns);
            var request = new DefaultRequest(call, "Amazon.IdentityManagement") { HttpMethod = "POST", ResourcePath = "/", Content = Encoding.UTF8.GetBytes(form.ToString()) };
            request.Headers["Content-Type"] = "application/x-www-form-urlencoded; charset=utf-8";
            return request;
        }

        private static void AddAll(StringBuilder form, string name, List<string> values)
        {
            for (var i = 0; i < values.Count; i++)
                Add(form, string.Create(CultureInfo.InvariantCulture, $"{name}.member.{i + 1}"), values[i]);
        }

        private static void Add(StringBuilder form, string name, string? value)
        {
            if (value is not null)
                form.Append('&').Append(name).Append('=').Append(Uri.EscapeDataString(value));
        }
    }

    internal sealed class SimulatePrincipalPolicyResponseUnmarshaller : XmlResponseUnmarshaller
    {
        public static SimulatePrincipalPolicyResponseUnmarshaller Instance { get; } = new();

        public override AmazonWebServiceResponse Unmarshall(XmlUnmarshallerContext input)
        {
            var response = new SimulatePrincipalPolicyResponse();
            while (input.Read())
            {
                if (!input.IsStartElement)
                    continue;

                if (input.CurrentPath.EndsWith("/EvaluationResults/member", StringComparison.Ordinal))
                    response.EvaluationResults.Add(new());
                else if (input.CurrentPath.EndsWith("/EvaluationResults/member/EvalActionName", StringComparison.Ordinal))
                    response.EvaluationResults[^1].EvalActionName = input.ReadText();
                else if (input.CurrentPath.EndsWith("/EvaluationResults/member/EvalResourceName", StringComparison.Ordinal))
                    response.EvaluationResults[^1].EvalResourceName = input.ReadText();
                else if (input.CurrentPath.EndsWith("/EvaluationResults/member/EvalDecision", StringComparison.Ordinal))
                    response.EvaluationResults[^1].EvalDecision = input.ReadText();
            }

            return response;
        }

        public override AmazonServiceException UnmarshallException(XmlUnmarshallerContext input, Exception innerException, HttpStatusCode statusCode)
        {
            var error = XmlErrorResponseUnmarshaller.GetInstance().Unmarshall(input);
            return new AmazonServiceException(error.Message, innerException, error.Type, error.Code, error.RequestId, statusCode);
        }
    }
}
